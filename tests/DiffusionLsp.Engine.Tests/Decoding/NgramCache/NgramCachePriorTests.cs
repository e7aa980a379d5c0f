using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>The n-gram cache in the next token: what it predicts, and how that is mixed in.</summary>
public sealed class NgramCachePriorTests
{
    private const int LineBreak = 3, End = 9;

    private static NgramCachePrior Prior(double weight, bool singleLine) =>
        new(new NgramIndex([5, 6, 5, LineBreak, 5, LineBreak, 7], []), new NgramCacheWeights([.. Enumerable.Repeat(weight, NgramCacheWeights.Buckets)]),
            id => id == End || (singleLine && id == LineBreak), End);

    [Fact]
    public void In_a_hole_of_one_line_a_remembered_line_break_is_the_end_of_the_text()
    {
        Assert.Equal([(LineBreak, 2 / 3.0), (6, 1 / 3.0)], Prior(0.5, singleLine: false).Next([5])!.Tokens);
        Assert.Equal([(End, 2 / 3.0), (6, 1 / 3.0)], Prior(0.5, singleLine: true).Next([5])!.Tokens);
    }

    [Fact]
    public void Where_few_tokens_may_stand_only_they_are_remembered()
    {
        NgramCachePrior Healed(params int[] allowed) => new(new NgramIndex([5, 6, 5, 8, 5, 8, 7], []), new NgramCacheWeights([.. Enumerable.Repeat(0.5, NgramCacheWeights.Buckets)]),
            id => id == End, End) { First = (1, allowed.ToHashSet()) };
        Assert.Equal([(6, 1.0)], Healed(6, 7).Next([5])!.Tokens);
        Assert.Null(Healed(1, 7).Next([5]));
        Assert.Equal([(8, 1.0)], Healed(6, 7).Next([6, 5])!.Tokens); // the second position is free
    }

    [Fact]
    public void Where_nothing_allowed_followed_the_longest_match_a_shorter_one_counts()
    {
        var prior = new NgramCachePrior(new NgramIndex([1, 5, 6, 2, 5, 7, 1, 5], []), new NgramCacheWeights([.. Enumerable.Repeat(0.5, NgramCacheWeights.Buckets)]), id => id == End, End);
        Assert.Equal([(6, 1.0)], prior.Next([1, 5])!.Tokens);
        prior = new NgramCachePrior(new NgramIndex([1, 5, 6, 2, 5, 7, 1, 5], []), new NgramCacheWeights([.. Enumerable.Repeat(0.5, NgramCacheWeights.Buckets)]), id => id == End, End) { First = (2, new HashSet<int> { 7 }) };
        Assert.Equal([(7, 1.0)], prior.Next([1, 5])!.Tokens);
    }

    [Fact]
    public void Without_a_weight_nothing_is_predicted() => Assert.Null(Prior(0, singleLine: true).Next([5]));

    [Fact]
    public void The_leftmost_position_alone_is_mixed()
    {
        using var blocked = new BlockedTokens(ScriptedScorer.Vocabulary, [ScriptedScorer.Mask], CPU);
        using var proposer = new TokenProposer(blocked);
        var task = new DecodeTask([5], new Canvas(2, ScriptedScorer.Mask), [], _ => false);
        using var logits = new ScriptedScorer(0, _ => (1, 0.5)).Score([0, 0], new ScoreWindow(0, 0, 2, 2));
        Proposal[] proposals = proposer.Propose(logits, [Driven.Rows(0, 2) with { Processors = [new NgramMixture(new Known(), task)] }])[0];
        Assert.Equal([4, 1], proposals.Select(p => p.TokenId));
        Assert.Equal(0.25 * (0.5 / 14) + 0.75, proposals[0].Confidence, 1e-5);
        Assert.Equal(proposals[0].Confidence - 0.25 * 0.5, proposals[0].Margin, 1e-5);
        Assert.Equal(0.5, proposals[1].Confidence, 1e-5);
    }

    /// <summary>Knows what follows the prompt alone.</summary>
    private sealed class Known : ITokenPrior
    {
        public NgramPrediction? Next(ReadOnlySpan<int> context) => context.SequenceEqual(new[] { 5 }) ? new NgramPrediction(0.75, [(4, 1.0)]) : null;
    }
}
