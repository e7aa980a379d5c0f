using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Commits the k most confident positions, or all if there are fewer.</summary>
public sealed class FixedCountPolicyTests
{
    [Theory]
    [InlineData(1, new[] { 3 })]
    [InlineData(2, new[] { 3, 0 })]
    [InlineData(3, new[] { 3, 0, 2 })]
    [InlineData(9, new[] { 3, 0, 2, 1 })]
    public void Selects_the_most_confident(int count, int[] expected) =>
        Assert.Equal(expected, new FixedCountPolicy(count).Select(Proposals.Of(0.5f, 0.25f, 0.5f, 0.875f), new DecodeStep(10, 20, 0)).Indices);
}
