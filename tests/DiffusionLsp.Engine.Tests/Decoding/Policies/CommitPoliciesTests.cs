using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Properties of every policy in the table, on random proposals; further properties of each are in its own file.</summary>
public sealed class CommitPoliciesTests
{
    public static TheoryData<string> Names => [.. CommitPolicies.Names];

    [Theory, MemberData(nameof(Names))]
    public void Every_step_makes_progress_with_distinct_proposals(string name)
    {
        var random = new Random(1);
        for (int round = 0; round < 500; round++)
        {
            Proposal[] proposals = Proposals.Random(random, 1 + random.Next(40));
            var options = new DecodeOptions { Decoder = name }.With(CommitPolicies.Threshold, random.NextDouble()).With(FixedCountPolicy.TokensPerStep, 1 + random.Next(5)).With(CommitPolicies.FilterThreshold, random.NextDouble());
            IReadOnlyList<int> selected = CommitPolicies.Create(options, Context(name, random)).Select(proposals, new DecodeStep(10, 60, round)).Indices;
            Assert.NotEmpty(selected);
            Assert.Equal(selected.Count, selected.Distinct().Count());
            Assert.All(selected, i => Assert.InRange(i, 0, proposals.Length - 1));
        }
    }

    [Theory]
    [InlineData("vanilla")]
    [InlineData("fixed")]
    [InlineData("factor")]
    [InlineData("stable")]
    [InlineData("threshold")]
    public void Of_equals_the_leftmost_comes_first(string name)
    {
        Proposal[] proposals = Proposals.Of(0.2f, 0.4f, 0.4f, 0.4f);
        IReadOnlyList<int> selected = CommitPolicies.Create(new DecodeOptions { Decoder = name }.With(FixedCountPolicy.TokensPerStep, 1)).Select(proposals, new DecodeStep(10, 20, 0)).Indices;
        Assert.Equal([1], selected);
    }

    [Theory, MemberData(nameof(Names))]
    public void Hopeless_proposals_still_make_progress(string name) =>
        Assert.NotEmpty(CommitPolicies.Create(new DecodeOptions { Decoder = name }, Context(name, new Random(2))).Select(Proposals.Of(0f, 0f), new DecodeStep(10, 20, 0)).Indices);

    /// <summary>With a random filter for the decoders that use one.</summary>
    private static PolicyContext Context(string name, Random random) =>
        new([1, 2, 3, 1, 2], id => id == 102, Filters.Filters.Random(name == "learn2pd" ? FilterKind.Published : FilterKind.Position, 50, random));

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<ArgumentException>(() => new DecodeOptions { Decoder = "guess" }).Message;
        Assert.Contains("'guess'", message);
        Assert.All(CommitPolicies.Names, name => Assert.Contains(name, message));
    }
}

/// <summary>Makes proposals.</summary>
internal static class Proposals
{
    /// <summary>One per confidence, at the positions 10, 11, …</summary>
    public static Proposal[] Of(params float[] confidences) => [.. confidences.Select((c, i) => new Proposal(10 + i, 100 + i, c, c, 1))];

    public static Proposal[] Random(Random random, int count) => Of([.. Enumerable.Range(0, count).Select(_ => random.Next(5) / 4f)]);
}
