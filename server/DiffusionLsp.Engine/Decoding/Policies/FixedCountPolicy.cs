namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The k most confident tokens per step, k fixed (LLaDA's schedule with fewer steps than tokens).</summary>
internal sealed class FixedCountPolicy(int count) : ICommitPolicy
{
    public IReadOnlyList<int> Select(ReadOnlySpan<Proposal> proposals, int step)
    {
        Proposal[] all = proposals.ToArray();
        return [.. Enumerable.Range(0, all.Length).OrderByDescending(i => all[i].Confidence).ThenBy(i => i).Take(count)];
    }
}
