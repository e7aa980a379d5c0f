using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Policies;

/// <summary>Stability needs two steps, and the same token in both.</summary>
public sealed class StablePolicyTests
{
    private static readonly DecodeStep Step = new(10, 20, 0);

    [Fact]
    public void Only_what_stayed_the_same_is_sure()
    {
        var policy = new StablePolicy(0.5, steps: 2);
        Assert.Equal([0], policy.Select(Proposals.Of(0.9f, 0.8f, 0.7f), Step).Indices); // nothing was seen before: progress alone
        var next = Proposals.Of(0.9f, 0.8f, 0.7f)[1..];
        next[1] = next[1] with { TokenId = 5 };
        Assert.Equal([0], policy.Select(next, Step).Indices);
        next[0] = next[0] with { Confidence = 0.4f };
        Assert.Equal([1], policy.Select(next, Step).Indices);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_token_is_sure_once_it_has_stood_for_the_steps(int steps)
    {
        var policy = new StablePolicy(0.5, steps);
        for (int seen = 1; seen < steps; seen++) Assert.Equal([1], policy.Select(Proposals.Of(0.6f, 0.9f), Step).Indices);
        Assert.Equal([0, 1], policy.Select(Proposals.Of(0.6f, 0.9f), Step).Indices);
        Proposal[] changed = Proposals.Of(0.6f, 0.9f);
        changed[0] = changed[0] with { TokenId = 5 };
        Assert.Equal(steps == 1 ? [0, 1] : [1], policy.Select(changed, Step).Indices); // another token begins anew
    }
}
