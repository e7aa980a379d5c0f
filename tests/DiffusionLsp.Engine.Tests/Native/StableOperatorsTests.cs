using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>libtorch's stable interface computes what our own operators compute, including gradients.</summary>
public sealed class StableOperatorsTests
{
    [Fact]
    public void This_libtorch_has_them() => Assert.True(StableOperators.AreThere);

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.07)]
    public void A_norm_in_one_operator_is_the_norm(ScalarType type, double most)
    {
        using var scope = NewDisposeScope();
        var x = randn([3, 5, 4, 16]).to(type).detach().requires_grad_(true);
        foreach (long[] shape in new long[][] { [16], [4, 16] })
        {
            var weight = (rand(shape) + 0.5).to(type).detach().requires_grad_(true);
            (Tensor Value, Tensor OfX, Tensor OfWeight) Gradients(Func<Tensor> norm)
            {
                x.grad?.zero_();
                weight.grad?.zero_();
                var value = norm();
                (value * value).sum().backward();
                return (value, x.grad!.clone(), weight.grad!.clone());
            }
            var expected = Gradients(() => RmsNorm.Apply(x, weight, 1e-3));
            var actual = Gradients(() => RmsNorm.Fused(x, weight, 1e-3));
            Assert.Equal(type, actual.Value.dtype);
            foreach ((Tensor e, Tensor a) in new[] { (expected.Value, actual.Value), (expected.OfX, actual.OfX), (expected.OfWeight, actual.OfWeight) })
                Assert.InRange((e - a).abs().max().to(ScalarType.Float32).item<float>() / Math.Max(1, e.abs().max().to(ScalarType.Float32).item<float>()), 0, most);
        }
    }

    /// <summary>Handles whose ownership an operator takes are freed by it.</summary>
    [Fact]
    public void Nothing_is_left_behind()
    {
        using var noGradient = no_grad();
        using var x = randn(1000, 1000);
        using var weight = ones(1000);
        void Many(int count)
        {
            for (int i = 0; i < count; i++) StableOperators.RmsNorm(x, weight, 1e-6).Dispose();
        }
        Many(20);
        long before = Environment.WorkingSet;
        Many(100); // 400 MB, if results stayed
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 100_000_000);
    }
}
