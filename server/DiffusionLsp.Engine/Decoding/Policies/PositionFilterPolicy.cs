using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// A small network, shared by all positions, estimates the probability that each proposal equals the output of slow decoding. Masked
/// positions are committed from left to right while it exceeds τ. The leftmost is always committed: a causal row has scored it, and
/// the filter is not applied to it.
/// </summary>
/// <param name="threshold">τ, compared with the calibrated probability.</param>
internal sealed class PositionFilterPolicy(CommitFilter filter, double threshold, PolicyContext context) : ICommitPolicy
{
    private readonly PositionFeatures features = new(context.Prompt, context.Ends);

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        float[][] rows = features.Of(proposals, step);
        var selected = new List<int> { 0 };
        double[] scores = [.. Enumerable.Repeat(double.NaN, rows.Length)];
        double Score(int i) => scores[i] = filter.Probability(filter.Network.Apply(rows[i])[0]);
        // The first rejection ends the run: later positions can wait until they are near, and cost nothing until then.
        while (selected.Count < rows.Length && Score(selected.Count) > threshold) selected.Add(selected.Count);
        features.Commit(proposals, selected);
        return new Selection(selected, 0) { Scores = scores };
    }
}
