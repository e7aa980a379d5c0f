using DiffusionLsp.Engine.Decoding;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Proposals against plain arithmetic.</summary>
public sealed class TokenProposerTests
{
    private const int Mask = 5;

    [Fact]
    public void Proposals_are_the_arithmetic_of_the_softmax_without_blocked_ids()
    {
        using var proposer = new TokenProposer(6, [1, Mask], 0, 0, CPU);
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 18).Select(_ => (float)(random.NextDouble() * 6 - 3))];
        using var logits = tensor(scores, [3, 6]);
        Proposal[] proposals = proposer.Propose(logits, new Canvas(9, Mask), 4);
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

    [Fact]
    public void Committed_positions_get_no_proposal()
    {
        using var proposer = new TokenProposer(6, [Mask], 0, 0, CPU);
        var canvas = new Canvas(4, Mask);
        canvas.Commit(2, 0);
        using var logits = zeros(3, 6);
        Assert.Equal([1, 3], proposer.Propose(logits, canvas, 1).Select(p => p.Position));
    }

    [Fact]
    public void Samples_follow_the_distribution()
    {
        using var proposer = new TokenProposer(6, [Mask], 1, 7, CPU);
        double[] probability = [0.5, 0.25, 0.15, 0.1, 0, 0];
        using var logits = tensor(Enumerable.Range(0, 4000).SelectMany(_ => probability.Select(p => (float)Math.Log(p + 1e-12))).ToArray(), [4000, 6]);
        Proposal[] proposals = proposer.Propose(logits, new Canvas(4000, Mask), 0);
        for (int v = 0; v < 6; v++) Assert.Equal(probability[v], proposals.Count(p => p.TokenId == v) / 4000.0, 0.03);
        Assert.All(proposals, p => Assert.Equal(probability[p.TokenId], p.Confidence, 1e-4));
    }
}
