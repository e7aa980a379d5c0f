using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// One small network, shared by all positions, says how likely each proposal is what slow decoding would write there;
/// what lies above τ is committed. Progress is made by the leftmost proposal, which a causal row has scored.
/// </summary>
/// <param name="threshold">τ, compared with the calibrated probability.</param>
internal sealed class PositionFilterPolicy(CommitFilter filter, double threshold, PolicyContext context) : ICommitPolicy
{
    private readonly PositionFeatures features = new(context.Prompt, context.Ends);

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        float[][] rows = features.Of(proposals, step);
        int first = proposals[0].Position, next = 0;
        var accepted = new HashSet<int>();
        foreach (float[] row in rows)
        {
            if (filter.Probability(filter.Network.Apply(row)[0]) > threshold) accepted.Add(proposals[next].Position);
            next++;
        }
        Selection selection = Selection.Of(proposals, p => p.Position == first || accepted.Contains(p.Position), 0);
        features.Commit(proposals, selection.Indices);
        return accepted.Contains(first) ? selection : selection with { Forced = 0 };
    }
}
