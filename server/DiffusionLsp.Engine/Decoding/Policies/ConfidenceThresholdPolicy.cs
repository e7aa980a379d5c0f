namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Every token whose confidence reaches the threshold, and always the most confident one (Fast-dLLM, arXiv 2505.22618).</summary>
internal sealed class ConfidenceThresholdPolicy(double threshold) : ICommitPolicy
{
    public IReadOnlyList<int> Select(ReadOnlySpan<Proposal> proposals, int step)
    {
        int best = Ranking.MostConfident(proposals);
        var selected = new List<int>();
        for (int i = 0; i < proposals.Length; i++)
            if (i == best || proposals[i].Confidence >= threshold) selected.Add(i);
        return selected;
    }
}
