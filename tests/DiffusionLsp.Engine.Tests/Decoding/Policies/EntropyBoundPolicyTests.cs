using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>The entropy bound on hand-computed numbers.</summary>
public sealed class EntropyBoundPolicyTests
{
    [Theory]
    [InlineData(0.0, new[] { 1 })]
    [InlineData(0.25, new[] { 1, 2 })] // 0.25 + 0.5 − 0.5 ≤ 0.25
    [InlineData(0.7, new[] { 1, 2 })] // 0.25 + 0.5 + 2 − 2 > 0.7
    [InlineData(0.75, new[] { 1, 2, 0 })]
    public void As_many_as_their_entropies_allow(double gamma, int[] expected)
    {
        float[] entropies = [2f, 0.25f, 0.5f];
        Proposal[] proposals = [.. entropies.Select((h, i) => new Proposal(i, 1, 0.5f, 0.5f, h))];
        Assert.Equal(expected, new EntropyBoundPolicy(gamma).Select(proposals, new DecodeStep(0, 3, 0)).Indices);
    }
}
