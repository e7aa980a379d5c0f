using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The engine's scorers with an arena of their own.</summary>
internal static class Scorers
{
    public static RowScorer Of(Transformer model, CacheKind kind, int capacity) =>
        model.Config.Attention is AttentionKind.BlockCausal ? new BlockCausalScorer(model, kind, capacity)
        : kind is CacheKind.None ? new FullScorer(model)
        : new BidirectionalScorer(model, kind, capacity);
}

/// <summary>Drives a decoder to its end with the engine's own driver.</summary>
internal static class Driven
{
    /// <param name="never">Ids that may not be proposed.</param>
    /// <param name="settings">Temperature and seed; null: 0 and 0.</param>
    public static void Fill(IDecoder decoder, Canvas canvas, ICanvasScorer scorer, (int Vocabulary, int[] Never) ids, (double Temperature, int Seed)? settings = null,
        IAutoregressiveScorer? verifier = null, IDecodeObserver? observer = null, CancellationToken cancellation = default)
    {
        using var blocked = new BlockedTokens(ids.Vocabulary, ids.Never, CPU);
        Fill(decoder, canvas, scorer, blocked, settings, verifier, observer, cancellation);
    }

    public static void Fill(IDecoder decoder, Canvas canvas, ICanvasScorer scorer, BlockedTokens blocked, (double Temperature, int Seed)? settings = null,
        IAutoregressiveScorer? verifier = null, IDecodeObserver? observer = null, CancellationToken cancellation = default)
    {
        using var proposer = new TokenProposer(blocked);
        using var run = new DecodeRun(decoder, canvas, scorer)
        {
            Temperature = settings?.Temperature ?? 0,
            Seed = settings?.Seed ?? 0,
            Verifier = verifier,
            Observer = observer,
            Cancellation = cancellation,
        };
        new DecodeDriver(proposer).Complete(run);
    }

    /// <summary>A call for some canvas positions without a sequence, for what only looks at scores.</summary>
    public static ScoredRows Rows(int first, int count, double temperature = 0, int seed = 0) =>
        new(new ScoreCall([], default, first), count, temperature, seed, []);
}
