using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Proposals against plain arithmetic.</summary>
public sealed class TokenProposerTests
{
    private const int Mask = 5;

    [Theory, InlineData(false), InlineData(true)]
    public void Proposals_are_the_arithmetic_of_the_softmax_without_blocked_ids(bool host)
    {
        using TokenProposer proposer = Proposers.Of(host, new BlockedTokens(6, [1, Mask]));
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 18).Select(_ => (float)(random.NextDouble() * 6 - 3))];
        using Scores logits = Proposers.Scores(host, scores, 6);
        Proposal[] proposals = proposer.Propose(logits, [Driven.Rows(4, 3)])[0];
        Assert.Equal([4, 5, 6], proposals.Select(p => p.Position));
        for (int row = 0; row < 3; row++)
        {
            double[] weight = [.. Enumerable.Range(0, 6).Select(v => v is 1 or Mask ? 0 : Math.Exp(scores[row * 6 + v]))];
            double[] probability = [.. weight.Select(w => w / weight.Sum())];
            double[] sorted = [.. probability.OrderDescending()];
            Assert.Equal(Array.IndexOf(probability, sorted[0]), proposals[row].TokenId);
            Assert.Equal(sorted[0], proposals[row].Confidence, 1e-5);
            Assert.Equal(sorted[0] - sorted[1], proposals[row].Margin, 1e-5);
            Assert.Equal(-probability.Where(p => p > 0).Sum(p => p * Math.Log(p)), proposals[row].Entropy, 1e-4);
        }
    }

    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 1.3)]
    [InlineData(true, 0.0)]
    [InlineData(true, 1.3)]
    public void Rows_of_several_decodes_get_the_proposals_that_they_get_alone(bool host, double temperature)
    {
        using TokenProposer proposer = Proposers.Of(host, new BlockedTokens(6, [Mask], new SpecialTokens(Mask, 0, null, null, null, null, null)));
        var random = new Random(4);
        using Scores logits = Proposers.Scores(host, [.. Enumerable.Range(0, 42).Select(_ => random.NextSingle())], 6);
        ScoredRows plain = Driven.Rows(0, 3, temperature, 5), closed = Driven.Rows(9, 4, 0, 1);
        closed = closed with { Call = closed.Call with { Allowed = TokenSet.TextAlone } };
        Proposal[][] together = proposer.Propose(logits, [plain, closed]);
        using Scores first = logits.Slice(0, 3), second = logits.Slice(3, 4);
        Assert.Equal(proposer.Propose(first, [plain])[0], together[0]);
        Assert.Equal(proposer.Propose(second, [closed])[0], together[1]);
        Assert.DoesNotContain(together[1], p => p.TokenId == 0);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Samples_follow_the_distribution(bool host)
    {
        using TokenProposer proposer = Proposers.Of(host, new BlockedTokens(6, [Mask]));
        double[] probability = [0.5, 0.25, 0.15, 0.1, 0, 0];
        using Scores logits = Proposers.Scores(host, [.. Enumerable.Range(0, 4000).SelectMany(_ => probability.Select(p => (float)Math.Log(p + 1e-12)))], 6);
        Proposal[] proposals = proposer.Propose(logits, [Driven.Rows(0, 4000, 1, 7)])[0];
        for (int v = 0; v < 6; v++) Assert.Equal(probability[v], proposals.Count(p => p.TokenId == v) / 4000.0, 0.03);
        Assert.All(proposals, p => Assert.Equal(probability[p.TokenId], p.Confidence, 1e-4));
    }

    /// <summary>A vocabulary that does not divide into vectors, and rows with every rule at once.</summary>
    [Theory]
    [InlineData(16, 0.0)]
    [InlineData(37, 0.0)]
    [InlineData(131, 0.7)]
    public void Both_kinds_propose_the_same(int vocabulary, double temperature)
    {
        var random = new Random(vocabulary);
        float[] numbers = [.. Enumerable.Range(0, 5 * vocabulary).Select(_ => (float)(random.NextDouble() * 12 - 6))];
        var blocked = new BlockedTokens(vocabulary, [3, vocabulary - 1]);
        int[] allowed = [3, 5, 7, 11];
        ScoredRows rows = Driven.Rows(0, 5, 0, 3);
        rows = rows with { Call = rows.Call with { Known = [1, 2] }, Processors = [new FirstTokenConstraint(allowed), new Mixing()] };
        Proposal[] Of(bool host)
        {
            using TokenProposer proposer = Proposers.Of(host, blocked);
            using Scores scores = Proposers.Scores(host, numbers, vocabulary), other = Proposers.Scores(!host, numbers, vocabulary);
            Proposal[] proposed = proposer.Propose(scores, [rows])[0];
            Assert.Equal(proposed, proposer.Propose(other, [rows])[0]); // wherever the scores are
            var verified = rows with { Call = rows.Call with { Verification = new Verification(0.6, IsGreedy: temperature > 0) } };
            return [.. proposed, .. proposer.ProposeVerified(scores, other, verified)];
        }
        Proposal[] tensors = Of(false), plain = Of(true);
        Assert.Contains(tensors[0].TokenId, allowed);
        Assert.Equal(tensors.Length, plain.Length);
        foreach ((Proposal expected, Proposal actual) in tensors.Zip(plain))
        {
            Assert.Equal((expected.Position, expected.TokenId), (actual.Position, actual.TokenId));
            Assert.Equal(expected.Confidence, actual.Confidence, 1e-5);
            Assert.Equal(expected.Margin, actual.Margin, 1e-5);
            Assert.Equal(expected.Entropy, actual.Entropy, 1e-4);
        }
    }

    [Fact]
    public void The_two_likeliest_are_found_wherever_they_stand()
    {
        for (int length = 2; length < 70; length++)
            for (int first = 0; first < length; first++)
            {
                float[] numbers = [.. Enumerable.Range(0, length).Select(i => 0.01f * ((i * 7) % 5))];
                numbers[first] = 0.5f;
                numbers[(first + length / 2) % length] = 0.5f; // of equals the first
                int expected = Math.Min(first, (first + length / 2) % length);
                Assert.Equal((expected, 0.5f, length / 2 % length == 0 ? numbers.Where((_, i) => i != expected).Max() : 0.5f), TokenDistribution.TopTwo(numbers));
            }
    }

    /// <summary>Interpolates into the second row and, where allowed, into the third.</summary>
    private sealed class Mixing : ILogitsProcessor
    {
        public RowMixture? Mixture(ScoreCall call) => new(call.Known.Length + 1, (row, top) => row == 0 ? null : new NgramPrediction(0.4, [(6, 0.75), (top.Token, 0.25)]));
    }
}
