namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Commits every token whose confidence reaches the threshold, and always the most confident one (Fast-dLLM, arXiv 2505.22618).</summary>
internal sealed class ConfidenceThresholdPolicy(double threshold) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step) =>
        Selection.Of(proposals, p => p.Confidence >= threshold, Ranking.MostConfident(proposals));
}
