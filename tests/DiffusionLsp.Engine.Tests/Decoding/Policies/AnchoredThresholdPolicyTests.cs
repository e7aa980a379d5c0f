using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Commits everything above the threshold, and always the leftmost position.</summary>
public sealed class AnchoredThresholdPolicyTests
{
    [Theory]
    [InlineData(0.75, new[] { 0, 2, 3 })]
    [InlineData(0.8, new[] { 0, 3 })]
    [InlineData(1.0, new[] { 0 })]
    [InlineData(0.0, new[] { 0, 1, 2, 3 })]
    public void Selects_the_leftmost_and_from_the_threshold_on(double threshold, int[] expected) =>
        Assert.Equal(expected, new AnchoredThresholdPolicy(threshold).Select(Proposals.Of(0.1f, 0.25f, 0.75f, 0.875f), new DecodeStep(10, 20, 0)).Indices);
}
