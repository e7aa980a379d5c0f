namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Every token whose confidence reaches the threshold, and always the leftmost one. For models whose first masked
/// position is scored by a clean, causal row: progress is then made by the most reliable guess, never by a far one
/// that only happens to be the most confident. With nothing above the threshold it is autoregressive decoding.
/// </summary>
internal sealed class AnchoredThresholdPolicy(double threshold) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step) =>
        Selection.Of(proposals, p => p.Confidence >= threshold, 0);
}
