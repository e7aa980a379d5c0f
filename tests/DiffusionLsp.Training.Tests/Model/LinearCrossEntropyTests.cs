using DiffusionLsp.Engine.Native;
using DiffusionLsp.Training.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>The hand-written gradient is autograd's.</summary>
public sealed class LinearCrossEntropyTests
{
    [Fact]
    public void GradientEqualsAutograd()
    {
        NativeBackend.Load();
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        const long rows = 1500, width = 8, entries = 37; // more rows than a chunk
        var hidden = randn(rows, width).requires_grad_(true);
        var output = randn(entries, width).requires_grad_(true);
        var labels = randint(0, entries, [rows]);
        var weights = rand(rows);

        var expected = nn.functional.cross_entropy(nn.functional.linear(hidden, output), labels, reduction: nn.Reduction.None);
        (expected * weights).sum().backward();
        var (losses, hiddenGradient, outputGradient) = LinearCrossEntropy.Compute(hidden.detach(), output.detach(), labels, weights);

        Assert.True(losses.allclose(expected, 1e-4, 1e-5));
        Assert.True(hiddenGradient.allclose(hidden.grad!, 1e-4, 1e-5));
        Assert.True(outputGradient.allclose(output.grad!, 1e-4, 1e-4));
    }
}
