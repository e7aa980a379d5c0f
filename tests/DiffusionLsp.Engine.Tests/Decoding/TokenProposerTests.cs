using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Proposals against plain arithmetic.</summary>
public sealed class TokenProposerTests
{
    private const int Mask = 5;

    [Fact]
    public void Proposals_are_the_arithmetic_of_the_softmax_without_blocked_ids()
    {
        using var blocked = new BlockedTokens(6, [1, Mask], CPU);
        using var proposer = new TokenProposer(blocked);
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 18).Select(_ => (float)(random.NextDouble() * 6 - 3))];
        using var logits = tensor(scores, [3, 6]);
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
    [InlineData(0.0)]
    [InlineData(1.3)]
    public void Rows_of_several_decodes_get_the_proposals_that_they_get_alone(double temperature)
    {
        using var blocked = new BlockedTokens(6, [Mask], CPU, new SpecialTokens(Mask, 0, null, null, null, null, null));
        using var proposer = new TokenProposer(blocked);
        using var logits = rand(7, 6);
        ScoredRows plain = Driven.Rows(0, 3, temperature, 5), closed = Driven.Rows(9, 4, 0, 1);
        closed = closed with { Call = closed.Call with { Allowed = TokenSet.TextAlone } };
        Proposal[][] together = proposer.Propose(logits, [plain, closed]);
        using Tensor first = logits.narrow(0, 0, 3), second = logits.narrow(0, 3, 4);
        Assert.Equal(proposer.Propose(first, [plain])[0], together[0]);
        Assert.Equal(proposer.Propose(second, [closed])[0], together[1]);
        Assert.DoesNotContain(together[1], p => p.TokenId == 0);
    }

    [Fact]
    public void Samples_follow_the_distribution()
    {
        using var blocked = new BlockedTokens(6, [Mask], CPU);
        using var proposer = new TokenProposer(blocked);
        double[] probability = [0.5, 0.25, 0.15, 0.1, 0, 0];
        using var logits = tensor(Enumerable.Range(0, 4000).SelectMany(_ => probability.Select(p => (float)Math.Log(p + 1e-12))).ToArray(), [4000, 6]);
        Proposal[] proposals = proposer.Propose(logits, [Driven.Rows(0, 4000, 1, 7)])[0];
        for (int v = 0; v < 6; v++) Assert.Equal(probability[v], proposals.Count(p => p.TokenId == v) / 4000.0, 0.03);
        Assert.All(proposals, p => Assert.Equal(probability[p.TokenId], p.Confidence, 1e-4));
    }
}
