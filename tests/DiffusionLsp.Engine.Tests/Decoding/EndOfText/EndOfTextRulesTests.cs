using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.EndOfText;

/// <summary>Where each end-of-text rule cuts, on plain numbers.</summary>
public sealed class EndOfTextRulesTests
{
    private const int End = 7;
    private static readonly Selection Nothing = new([]);

    private static int? Cut(string rule, Selection selection, params (int Token, float Confidence)[] proposals) =>
        EndOfTextRules.Create(new DecodeOptions { EndOfText = rule }.With(ConfidentRule.Floor, 0.8))
            .Cut([.. proposals.Select((p, i) => new Proposal(20 + i, p.Token, p.Confidence, p.Confidence, 0))], selection, id => id == End);

    [Theory]
    [InlineData("never", null)]
    [InlineData("committed", 22)]
    [InlineData("confident", 22)]
    [InlineData("published", 22)]
    public void A_committed_end_cuts_behind_itself(string rule, int? expected) =>
        Assert.Equal(expected, Cut(rule, new Selection([0, 1]), (1, 0.9f), (End, 0.5f), (End, 0.4f)));

    [Theory]
    [InlineData("committed", 21)]
    [InlineData("confident", 21)]
    [InlineData("published", 21)]
    public void Of_several_committed_ends_the_leftmost_counts(string rule, int expected) =>
        Assert.Equal(expected, Cut(rule, new Selection([2, 0]), (End, 0.5f), (1, 0.1f), (End, 0.9f)));

    [Theory]
    [InlineData("never", null)]
    [InlineData("committed", null)]
    [InlineData("confident", 23)]
    [InlineData("published", 24)]
    public void Of_predicted_ends_only_confident_ones_count(string rule, int? expected) =>
        Assert.Equal(expected, Cut(rule, new Selection([0]), (1, 1f), (End, 0.79f), (End, 0.8f), (End, 0.95f)));

    [Fact]
    public void The_published_rule_cuts_at_a_spurious_guess_and_the_confident_one_does_not()
    {
        Assert.Equal(22, Cut("published", new Selection([0]), (1, 1f), (End, 0.01f), (2, 0.5f)));
        Assert.Null(Cut("confident", new Selection([0]), (1, 1f), (End, 0.01f), (2, 0.5f)));
    }

    [Fact]
    public void The_published_rule_does_not_call_a_forced_end_accepted() =>
        Assert.Equal(22, Cut("published", new Selection([0], Forced: 0), (End, 0.1f), (End, 0.2f)));

    [Fact]
    public void Without_an_end_nothing_is_cut() =>
        Assert.All(EndOfTextRules.Names, rule => Assert.Null(Cut(rule, Nothing, (1, 1f), (2, 0.9f))));

    [Fact]
    public void An_unknown_rule_is_refused_with_the_known_ones() =>
        Assert.Contains("published", Assert.Throws<ArgumentException>(() => new DecodeOptions { EndOfText = "often" }).Message);
}
