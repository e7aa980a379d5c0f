using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Commits exactly what equals the reference; the reference itself if nothing does.</summary>
public sealed class OraclePolicyTests
{
    private static readonly DecodeStep Step = new(10, 14, 0);

    /// <summary>Proposals stand at 10, 11, … and propose 100, 101, …</summary>
    private static int[] Reference(params int[] tokens) => [.. Enumerable.Repeat(0, 10), .. tokens];

    [Fact]
    public void Commits_what_equals_the_reference()
    {
        Selection selection = CommitPolicies.Oracle(Reference(100, 0, 102, 0)).Select(Proposals.Of(0.1f, 0.9f, 0.2f, 0.9f), Step);
        Assert.Equal([0, 2], selection.Indices);
        Assert.Null(selection.Tokens);
    }

    [Fact]
    public void Takes_the_reference_where_nothing_is_right()
    {
        Proposal[] proposals = Proposals.Of(0.1f, 0.9f, 0.2f);
        Selection selection = CommitPolicies.Oracle(Reference(5, 6)).Select(proposals, Step);
        Assert.Equal([5, 6, 102], selection.Written(proposals).Select(p => p.TokenId)); // behind the reference's end: as proposed
        Assert.Equal([0, 1, 2], selection.Indices);
    }

    [Theory]
    [InlineData(0.5, new[] { 0, 2 })]
    [InlineData(0.95, new[] { 0 })]
    public void Keeps_another_policy_on_the_references_path(double threshold, int[] expected)
    {
        ICommitPolicy policy = CommitPolicies.Oracle(Reference(100, 0, 102, 103), new AnchoredThresholdPolicy(threshold));
        Assert.Equal(expected, policy.Select(Proposals.Of(0.1f, 0.9f, 0.8f, 0.2f), Step).Indices);
    }

    [Fact]
    public void A_path_that_would_stop_goes_on_with_one_position()
    {
        Proposal[] proposals = Proposals.Of(0.1f, 0.9f);
        Selection selection = CommitPolicies.Oracle(Reference(5, 101), new AnchoredThresholdPolicy(0.95)).Select(proposals, Step);
        Assert.Equal([0], selection.Indices);
        Assert.Equal(5, selection.Written(proposals)[0].TokenId);
    }
}
