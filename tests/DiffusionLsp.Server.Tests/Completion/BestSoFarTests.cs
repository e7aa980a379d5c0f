using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>What is kept of a text that the latency budget truncated: whole lines, else whole words, in any script.</summary>
public class BestSoFarTests
{
    [Theory]
    [InlineData("a.length", "a.")]
    [InlineData("first();\n  sec", "first();")]
    [InlineData("word", "word")] // all that there is
    [InlineData("// \u0921\u0947\u091F\u093E \u0938\u0902\u0930\u091A", "// \u0921\u0947\u091F\u093E")] // a Hindi word is not cut between its letters and their marks
    [InlineData("x \U0001D49C\U0001D49E", "x")]
    [InlineData("a \U0001F642", "a \U0001F642")]
    [InlineData("it e\u0301t", "it")]
    public void Of(string written, string kept)
    {
        Assert.Equal(kept, BestSoFar.Of(Result(written, StopReason.Budget)));
        Assert.Equal(written, BestSoFar.Of(Result(written, StopReason.EndOfText)));
    }

    private static InfillResult Result(string text, StopReason reason) => new()
    {
        Completion = text, StopReason = reason, Forwards = 1, Tokens = 1, PromptTokens = 1, CachedPromptTokens = 0, Timings = default,
    };
}
