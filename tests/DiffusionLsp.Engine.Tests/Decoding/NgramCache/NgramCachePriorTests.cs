using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>The n-gram cache's prediction of the next token, and its interpolation with the model's.</summary>
public sealed class NgramCachePriorTests
{
    private const int LineBreak = 3, End = 9;

    private static readonly TopToken Network = new(1, 0.5);

    private static NgramCacheWeights Weights(double file, double workspace = 0) =>
        new([.. Enumerable.Repeat(file, NgramCacheWeights.Buckets)], [.. Enumerable.Repeat(workspace, NgramCacheWeights.Buckets)]);

    private static NgramCachePrior Prior(double weight, bool singleLine) =>
        new(new NgramIndex([5, 6, 5, LineBreak, 5, LineBreak, 7], []), Weights(weight),
            id => id == End || (singleLine && id == LineBreak), End);

    [Fact]
    public void In_a_hole_of_one_line_a_remembered_line_break_is_the_end_of_the_text()
    {
        Assert.Equal([(LineBreak, 2 / 3.0), (6, 1 / 3.0)], Prior(0.5, singleLine: false).Next([5], Network)!.Tokens);
        Assert.Equal([(End, 2 / 3.0), (6, 1 / 3.0)], Prior(0.5, singleLine: true).Next([5], Network)!.Tokens);
    }

    [Fact]
    public void Where_few_tokens_may_stand_only_they_are_remembered()
    {
        NgramCachePrior Healed(params int[] allowed) => new(new NgramIndex([5, 6, 5, 8, 5, 8, 7], []), Weights(0.5),
            id => id == End, End) { First = (1, allowed.ToHashSet()) };
        Assert.Equal([(6, 1.0)], Healed(6, 7).Next([5], Network)!.Tokens);
        Assert.Null(Healed(1, 7).Next([5], Network));
        Assert.Equal([(8, 1.0)], Healed(6, 7).Next([6, 5], Network)!.Tokens); // the second position is free
    }

    [Fact]
    public void Where_nothing_allowed_followed_the_longest_match_a_shorter_one_counts()
    {
        var prior = new NgramCachePrior(new NgramIndex([1, 5, 6, 2, 5, 7, 1, 5], []), Weights(0.5), id => id == End, End);
        Assert.Equal([(6, 1.0)], prior.Next([1, 5], Network)!.Tokens);
        prior = new NgramCachePrior(new NgramIndex([1, 5, 6, 2, 5, 7, 1, 5], []), Weights(0.5), id => id == End, End) { First = (2, new HashSet<int> { 7 }) };
        Assert.Equal([(7, 1.0)], prior.Next([1, 5], Network)!.Tokens);
    }

    [Fact]
    public void The_longer_match_of_file_and_workspace_counts_and_of_equals_the_files()
    {
        CodeTokenizer tokenizer = TinyTokenizer.Load();
        WorkspaceIndex Workspace(string text)
        {
            var builder = new WorkspaceIndex.Builder(tokenizer);
            builder.Add("other.cs", builder.Tokenize(text));
            return builder.Build();
        }
        NgramCachePrior With(string file, string other) =>
            new(new NgramIndex(tokenizer.Encode(file), []), Weights(0.5, 0.25), id => id == End, End) { Workspace = Workspace(other) };
        int[] context = tokenizer.Encode("xabc");
        NgramPrediction longer = With("abcd", "xabce").Next(context, Network)!, equal = With("xabcd", "xabce").Next(context, Network)!;
        Assert.Equal((0.25, tokenizer.Encode("e")[0]), (longer.Weight, Assert.Single(longer.Tokens).Token));
        Assert.Equal((0.5, tokenizer.Encode("d")[0]), (equal.Weight, Assert.Single(equal.Tokens).Token));
        Assert.Null(With("zzzz", "yabc").Next(tokenizer.Encode("c"), Network)); // a single token of another file says too little
    }

    [Fact]
    public void What_the_network_says_chooses_the_weight()
    {
        double[] table = new double[NgramCacheWeights.Buckets];
        NgramMatch match = NgramMatch.Of(1, [6])!;
        table[NgramCacheWeights.Bucket(match, 0.9, agrees: true)] = 0.1;
        table[NgramCacheWeights.Bucket(match, 0.1, agrees: false)] = 0.8;
        var prior = new NgramCachePrior(new NgramIndex([5, 6, 5], []), new NgramCacheWeights(table, table), id => id == End, End);
        Assert.Equal(0.1, prior.Next([5], new TopToken(6, 0.9))!.Weight);
        Assert.Equal(0.8, prior.Next([5], new TopToken(4, 0.1))!.Weight);
        Assert.Null(prior.Next([5], new TopToken(4, 0.9)));
    }

    [Fact]
    public void Without_a_weight_nothing_is_predicted() => Assert.Null(Prior(0, singleLine: true).Next([5], Network));

    [Theory, InlineData(false), InlineData(true)]
    public void The_leftmost_position_alone_is_mixed(bool host)
    {
        var blocked = new BlockedTokens(ScriptedScorer.Vocabulary, [ScriptedScorer.Mask]);
        using TokenProposer proposer = Proposers.Of(host, blocked);
        var task = new DecodeTask([5], new Canvas(2, ScriptedScorer.Mask), [], _ => false);
        using var logits = new ScriptedScorer(0, _ => (1, 0.5)).Score([0, 0], new ScoreWindow(0, 0, 2, 2));
        Proposal[] proposals = proposer.Propose(logits, [Driven.Rows(0, 2) with { Processors = [new NgramMixture(new Known(), task)] }])[0];
        Assert.Equal([4, 1], proposals.Select(p => p.TokenId));
        Assert.Equal(0.25 * (0.5 / 14) + 0.75, proposals[0].Confidence, 1e-5);
        Assert.Equal(proposals[0].Confidence - 0.25 * 0.5, proposals[0].Margin, 1e-5);
        Assert.Equal(0.5, proposals[1].Confidence, 1e-5);
    }

    /// <summary>Knows only the continuation of the prompt.</summary>
    private sealed class Known : ITokenPrior
    {
        public NgramPrediction? Next(ReadOnlySpan<int> context, TopToken network) => context.SequenceEqual(new[] { 5 }) ? new NgramPrediction(0.75, [(4, 1.0)]) : null;
    }
}
