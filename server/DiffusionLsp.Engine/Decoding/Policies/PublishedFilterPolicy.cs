using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Learn2PD as published (arXiv 2509.25188): the filter maps the block's confidences to one logit per position; positions above τ are
/// committed, and always the most confident one.
/// </summary>
/// <param name="threshold">τ, compared with the calibrated probability.</param>
internal sealed class PublishedFilterPolicy(CommitFilter filter, double threshold) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        float[] logits = filter.Network.Apply(PublishedFeatures.Of(proposals, step.BlockStart, step.BlockEnd, filter.Network.Inputs));
        double Score(Proposal p) => filter.Probability(logits[p.Position - step.BlockStart]);
        return Selection.Of(proposals, p => Score(p) > threshold, Ranking.MostConfident(proposals)) with { Scores = [.. proposals.ToArray().Select(Score)] };
    }
}
