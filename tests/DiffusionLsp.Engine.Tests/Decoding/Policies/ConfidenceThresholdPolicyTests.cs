using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Commits everything above the threshold, and always the most confident position.</summary>
public sealed class ConfidenceThresholdPolicyTests
{
    [Theory]
    [InlineData(0.5, new[] { 0, 2, 3 })]
    [InlineData(0.75, new[] { 2, 3 })]
    [InlineData(0.8, new[] { 3 })]
    [InlineData(1.0, new[] { 3 })]
    [InlineData(0.0, new[] { 0, 1, 2, 3 })]
    public void Selects_from_the_threshold_on(double threshold, int[] expected) =>
        Assert.Equal(expected, new ConfidenceThresholdPolicy(threshold).Select(Proposals.Of(0.5f, 0.25f, 0.75f, 0.875f), new DecodeStep(10, 20, 0)).Indices);
}
