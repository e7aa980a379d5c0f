using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Commits the k most confident tokens per step, k fixed (LLaDA's schedule with fewer steps than tokens).</summary>
internal sealed class FixedCountPolicy(int count) : ICommitPolicy
{
    public static Knob<int> TokensPerStep { get; } = new("tokensPerStep", new IntKind(1, 256), 2, "Number of tokens that the fixed decoder commits per step.");

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        int[] best = Ranking.ByConfidence(proposals);
        return new Selection(best[..Math.Min(count, best.Length)], best[0]);
    }
}
