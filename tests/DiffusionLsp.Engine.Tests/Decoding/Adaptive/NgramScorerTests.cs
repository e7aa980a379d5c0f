using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.Adaptive;

/// <summary>The n-gram model of the open text as verifier.</summary>
public sealed class NgramScorerTests
{
    [Fact]
    public void It_expects_what_followed_before()
    {
        int[] prefix = [1, 2, 3, 4, 1, 2], draft = [3, 4, 7];
        using var scores = new NgramScorer(new NgramModel(48)).Score([.. prefix, .. draft], prefix.Length, CancellationToken.None).Tensor();
        Assert.Equal([4, 48], scores.shape);
        using var best = scores.argmax(-1);
        Assert.Equal([3, 4], best.data<long>().Take(2));
    }
}
