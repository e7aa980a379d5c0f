using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tests.Decoding.Filters;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Learn2PD's rule and ours, with filters whose answers are known.</summary>
public sealed class FilterPoliciesTests
{
    /// <summary>Logit i = 10 · confidence i − 5, so σ passes 0.5 at a confidence of 0.5.</summary>
    private static CommitFilter Confidence(int length)
    {
        var weights = new float[length * length];
        for (int i = 0; i < length; i++) weights[i * length + i] = 10;
        return Filters.Filters.Published(weights, [.. Enumerable.Repeat(-5f, length)]);
    }

    [Theory]
    [InlineData(0.5, new[] { 1, 2 }, null)]
    [InlineData(0.99, new[] { 2 }, 2)]
    public void Published_accepts_above_tau_and_always_the_surest(double tau, int[] expected, int? forced)
    {
        Selection selection = new PublishedFilterPolicy(Confidence(4), tau).Select(Proposals.Of(0.25f, 0.75f, 0.875f), new DecodeStep(10, 14, 0));
        Assert.Equal(expected, selection.Indices);
        Assert.Equal(forced, selection.Forced);
    }

    [Fact]
    public void Published_sees_the_whole_block()
    {
        // Position 1 is accepted only because position 0 is committed already (confidence 1).
        CommitFilter filter = Filters.Filters.Published([0, 0, 0, 5, 0, 0, 0, 0, 0], [-9, -4, -9]);
        Proposal[] proposals = [new(11, 1, 0.1f, 0, 0), new(12, 2, 0.2f, 0, 0)];
        Assert.Equal([0, 1], new PublishedFilterPolicy(filter, 0.5).Select(proposals, new DecodeStep(10, 13, 1)).Indices);
    }

    [Theory]
    [InlineData(0.5, new[] { 0, 1 }, 0)] // the third lies below τ, so the fourth waits
    [InlineData(0.25, new[] { 0, 1, 2, 3 }, 0)]
    [InlineData(0.999999, new[] { 0 }, 0)]
    public void Ours_commits_the_leftmost_and_what_follows_until_the_first_doubt(double tau, int[] expected, int? forced)
    {
        var weights = new float[PositionFeatures.Count];
        weights[0] = 10; // the confidence
        var filter = new CommitFilter(FilterKind.Position, Filters.Filters.Model, 8, PositionFeatures.Version, 0.5, Calibration.Identity,
            new FilterNetwork([new FilterLayer(PositionFeatures.Count, 1, weights, [-5])]));
        Selection selection = new PositionFilterPolicy(filter, tau, PolicyContext.None).Select(Proposals.Of(0.25f, 0.75f, 0.4375f, 0.875f), new DecodeStep(10, 14, 0));
        Assert.Equal(expected, selection.Indices);
        Assert.Equal(forced, selection.Forced);
    }
}
