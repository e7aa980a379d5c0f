using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>The factor rule on hand-computed numbers.</summary>
public sealed class FactorPolicyTests
{
    [Theory]
    [InlineData(1.0, new[] { 0, 2 })] // 3 · 0.125 < 1, but 4 · 0.5 is not
    [InlineData(0.3, new[] { 0 })] // 2 · 0 < 0.3, 3 · 0.125 is not
    [InlineData(3.0, new[] { 0, 2, 1 })]
    public void As_many_as_the_factor_allows(double factor, int[] expected) =>
        Assert.Equal(expected, new FactorPolicy(factor).Select(Proposals.Of(1f, 0.5f, 0.875f), new DecodeStep(10, 20, 0)).Indices);

    [Fact]
    public void Below_every_bound_the_most_confident_is_forced() =>
        Assert.Equal(1, new FactorPolicy(0).Select(Proposals.Of(0.25f, 0.5f), new DecodeStep(10, 20, 0)).Forced);
}
