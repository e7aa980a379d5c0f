using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.Adaptive;

/// <summary>The n-gram verifier reads text: a mark between prefix and hole is none of it.</summary>
public sealed class NgramScorerTests
{
    private const int Mark = 40;

    [Fact]
    public void A_mark_before_the_hole_changes_nothing()
    {
        int[] prefix = [1, 2, 3, 4, 1, 2], draft = [3, 4, 7];
        using var plain = new NgramScorer(new NgramModel(48), CPU, Mark).Score([.. prefix, .. draft], prefix.Length, CancellationToken.None);
        using var marked = new NgramScorer(new NgramModel(48), CPU, Mark).Score([.. prefix, Mark, .. draft], prefix.Length + 1, CancellationToken.None);
        Assert.Equal([4, 48], plain.shape);
        Assert.Equal(plain.data<float>().ToArray(), marked.data<float>().ToArray());
        using var best = plain.argmax(-1);
        Assert.Equal([3, 4], best.data<long>().Take(2)); // it goes on as the prefix did
    }
}
