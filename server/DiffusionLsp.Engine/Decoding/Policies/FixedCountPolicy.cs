namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The k most confident tokens per step, k fixed (LLaDA's schedule with fewer steps than tokens).</summary>
internal sealed class FixedCountPolicy(int count) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        int[] best = Ranking.ByConfidence(proposals);
        return new Selection(best[..Math.Min(count, best.Length)], best[0]);
    }
}
