using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The table of scorers by attention kind and cache kind, one row each.</summary>
internal static class CanvasScorers
{
    private delegate RowScorer Factory(ModelRunner runner, KeyValueSlot slot);

    private static readonly Dictionary<(AttentionKind, CacheKind), Factory> Table = new()
    {
        [(AttentionKind.BlockCausal, CacheKind.None)] = (runner, slot) => new BlockCausalScorer(runner, slot, CacheKind.None),
        [(AttentionKind.BlockCausal, CacheKind.Prefix)] = (runner, slot) => new BlockCausalScorer(runner, slot, CacheKind.Prefix),
        [(AttentionKind.BlockCausal, CacheKind.Dual)] = (runner, slot) => new BlockCausalScorer(runner, slot, CacheKind.Prefix), // nothing follows the block
        [(AttentionKind.Full, CacheKind.None)] = (runner, _) => new FullScorer(runner),
        [(AttentionKind.Full, CacheKind.Prefix)] = (runner, slot) => new BidirectionalScorer(runner, slot, CacheKind.Prefix),
        [(AttentionKind.Full, CacheKind.Dual)] = (runner, slot) => new BidirectionalScorer(runner, slot, CacheKind.Dual),
    };

    /// <summary>A scorer that assumes nothing about the slot's contents.</summary>
    public static RowScorer Create(ModelRunner runner, KeyValueSlot slot, CacheKind cache) => Table[(runner.Config.Attention, cache)](runner, slot);
}
