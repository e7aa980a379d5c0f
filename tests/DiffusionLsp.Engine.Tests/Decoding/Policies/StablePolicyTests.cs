using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Stability needs two steps, and the same token in both.</summary>
public sealed class StablePolicyTests
{
    private static readonly DecodeStep Step = new(10, 20, 0);

    [Fact]
    public void Only_what_stayed_the_same_is_sure()
    {
        var policy = new StablePolicy(0.5);
        Assert.Equal([0], policy.Select(Proposals.Of(0.9f, 0.8f, 0.7f), Step).Indices); // nothing was seen before: progress alone
        var next = Proposals.Of(0.9f, 0.8f, 0.7f)[1..];
        next[1] = next[1] with { TokenId = 5 };
        Assert.Equal([0], policy.Select(next, Step).Indices);
        next[0] = next[0] with { Confidence = 0.4f };
        Assert.Equal([1], policy.Select(next, Step).Indices);
    }
}
