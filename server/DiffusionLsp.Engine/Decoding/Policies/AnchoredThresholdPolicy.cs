namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Commits every token whose confidence reaches the threshold, and always the leftmost one. For models whose first masked position is
/// scored by a clean, causal row: progress then comes from the most reliable proposal, never from a distant one that merely happens
/// to be the most confident. With nothing above the threshold it is autoregressive decoding.
/// </summary>
internal sealed class AnchoredThresholdPolicy(double threshold) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step) =>
        Selection.Of(proposals, p => p.Confidence >= threshold, 0);
}
