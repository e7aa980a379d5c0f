using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Commits exactly the most confident position.</summary>
public sealed class VanillaPolicyTests
{
    [Fact]
    public void Selects_the_most_confident() => Assert.Equal([2], new VanillaPolicy().Select(Proposals.Of(0.5f, 0.25f, 0.75f, 0.1f), new DecodeStep(10, 20, 3)).Indices);
}
