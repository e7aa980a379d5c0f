using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The table of caches: which scorer serves which kind of attention with which cache, one row each.</summary>
internal static class CanvasScorers
{
    private delegate IKeepingScorer Factory(Transformer model, int capacity, int threads);

    private static readonly Dictionary<(AttentionKind, CacheKind), Factory> Table = new()
    {
        [(AttentionKind.BlockCausal, CacheKind.None)] = (model, capacity, threads) => new BlockCausalScorer(model, CacheKind.None, capacity, threads),
        [(AttentionKind.BlockCausal, CacheKind.Prefix)] = (model, capacity, threads) => new BlockCausalScorer(model, CacheKind.Prefix, capacity, threads),
        [(AttentionKind.BlockCausal, CacheKind.Dual)] = (model, capacity, threads) => new BlockCausalScorer(model, CacheKind.Prefix, capacity, threads), // nothing follows the block
        [(AttentionKind.Full, CacheKind.None)] = (model, _, threads) => new FullScorer(model, threads),
        [(AttentionKind.Full, CacheKind.Prefix)] = (model, capacity, threads) => new BidirectionalScorer(model, CacheKind.Prefix, capacity, threads),
        [(AttentionKind.Full, CacheKind.Dual)] = (model, capacity, threads) => new BidirectionalScorer(model, CacheKind.Dual, capacity, threads),
    };

    /// <summary>A scorer with an empty cache.</summary>
    /// <param name="capacity">Longest sequence, in tokens.</param>
    /// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
    public static IKeepingScorer Create(Transformer model, CacheKind cache, int capacity, int threads = 1) => Table[(model.Config.Attention, cache)](model, capacity, threads);
}
