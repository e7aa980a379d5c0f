using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// One small network, shared by all positions, says how likely each proposal is what slow decoding would write there;
/// as long as that lies above τ, one masked position after the other is committed from left to right. Progress is made
/// by the leftmost, which a causal row has scored and which the filter is not asked about.
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
        // The first doubt ends the run: what is farther can wait until it is near, and costs nothing until then.
        while (selected.Count < rows.Length && Score(selected.Count) > threshold) selected.Add(selected.Count);
        features.Commit(proposals, selected);
        return new Selection(selected, 0) { Scores = scores };
    }
}
