namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Chooses which proposals become text in this step. Plain numbers, no tensors; one instance lives for one decode.</summary>
internal interface ICommitPolicy
{
    /// <param name="proposals">Every masked position of the block, by ascending position; at least one.</param>
    /// <param name="step">Steps done in this block.</param>
    /// <returns>Distinct indices into <paramref name="proposals"/>; at least one, so that every step makes progress.</returns>
    IReadOnlyList<int> Select(ReadOnlySpan<Proposal> proposals, int step);
}

/// <summary>What policies share.</summary>
internal static class Ranking
{
    /// <summary>Index of the most confident proposal; the leftmost of equals.</summary>
    public static int MostConfident(ReadOnlySpan<Proposal> proposals)
    {
        int best = 0;
        for (int i = 1; i < proposals.Length; i++)
            if (proposals[i].Confidence > proposals[best].Confidence) best = i;
        return best;
    }
}
