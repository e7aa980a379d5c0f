using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The engine's scorers, each with its own arena.</summary>
internal static class Scorers
{
    public static RowScorer Of(ModelRunner runner, CacheKind kind, int capacity) =>
        runner.Config.Attention is AttentionKind.BlockCausal ? new BlockCausalScorer(runner, kind, capacity)
        : kind is CacheKind.None ? new FullScorer(runner)
        : new BidirectionalScorer(runner, kind, capacity);

    /// <summary>The scores as a tensor, which the caller disposes.</summary>
    public static Tensor Tensor(this Scores scores)
    {
        if (scores is TensorScores { Numbers: var numbers }) return numbers;
        using (scores) return scores.On(CPU);
    }
}

/// <summary>Both kinds of proposers, and scores for them.</summary>
internal static class Proposers
{
    /// <summary>Through libtorch, or without it.</summary>
    public static TokenProposer Of(bool host, BlockedTokens blocked) => host ? new HostProposer(blocked) : new TensorProposer(blocked, CPU);

    /// <param name="numbers">Row after row.</param>
    public static Scores Scores(bool host, float[] numbers, int vocabulary)
    {
        if (!host) return new TensorScores(torch.tensor(numbers, [numbers.Length / vocabulary, vocabulary]).DetachFromDisposeScope());
        var scores = new HostScores(numbers.Length / vocabulary, vocabulary);
        numbers.CopyTo(scores.All);
        return scores;
    }
}

/// <summary>Drives a decoder to its end with the engine's own driver.</summary>
internal static class Driven
{
    /// <param name="never">Ids that may not be proposed.</param>
    /// <param name="settings">Temperature and seed; null: 0 and 0.</param>
    public static void Fill(IDecoder decoder, Canvas canvas, ICanvasScorer scorer, (int Vocabulary, int[] Never) ids, (double Temperature, int Seed)? settings = null,
        IAutoregressiveScorer? verifier = null, IDecodeObserver? observer = null, CancellationToken cancellation = default)
    {
        var blocked = new BlockedTokens(ids.Vocabulary, ids.Never);
        Fill(decoder, canvas, scorer, blocked, settings, verifier, observer, cancellation);
    }

    public static void Fill(IDecoder decoder, Canvas canvas, ICanvasScorer scorer, BlockedTokens blocked, (double Temperature, int Seed)? settings = null,
        IAutoregressiveScorer? verifier = null, IDecodeObserver? observer = null, CancellationToken cancellation = default)
    {
        using var proposer = new TensorProposer(blocked, CPU);
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

    /// <summary>A call for some canvas positions without a sequence, for code that only reads scores.</summary>
    public static ScoredRows Rows(int first, int count, double temperature = 0, int seed = 0) =>
        new(new ScoreCall([], default, first), count, temperature, seed, []);
}
