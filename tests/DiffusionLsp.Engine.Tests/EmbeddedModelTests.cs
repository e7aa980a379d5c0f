using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests;

/// <summary>The embedded model as shipped: with the cache kept over keystrokes it writes what it writes without one.</summary>
public sealed class EmbeddedModelTests
{
    private const string Before = "using System.Collections.Generic;\n\npublic static class Totals\n{\n    public static int Sum(List<int> values)\n    {\n        int sum = 0;\n";
    private const string Typed = "        for (int i = 0; i < values.Count; i++)\n            sum += ";
    private const string After = "\n        return sum;\n    }\n}\n";

    [Fact]
    public async Task CachedEqualsUncachedWhileTyping()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        foreach (string decoder in new[] { "anchored", "vanilla" })
            for (int typed = 0; typed <= Typed.Length; typed += 5)
            {
                var request = new InfillRequest { Prefix = Before + Typed[..typed], Suffix = After, Path = "Totals.cs", SingleLine = true };
                var options = new DecodeOptions { Decoder = decoder, Length = 24 };
                InfillResult cached = await engine.InfillAsync(request, options, CancellationToken.None);
                InfillResult uncached = await engine.InfillAsync(request, options with { Cache = CacheKind.None }, CancellationToken.None);
                Assert.Equal(uncached.Completion, cached.Completion);
                Assert.Equal(uncached.Forwards, cached.Forwards);
                Assert.Equal(0, uncached.CachedPromptTokens);
                Assert.True(typed == 0 || cached.CachedPromptTokens > cached.PromptTokens / 2, $"{cached.CachedPromptTokens} of {cached.PromptTokens} cached");
            }
    }

    [Fact]
    public async Task A_budget_and_who_has_enough_get_the_beginning_that_is_written_by_then()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        var steps = new List<string>();
        var request = new InfillRequest
        {
            Prefix = Before, Suffix = After, Path = "Totals.cs",
            Progress = text =>
            {
                steps.Add(text);
                return false;
            },
        };
        var options = new DecodeOptions { Length = 24 };
        InfillResult whole = await engine.InfillAsync(request, options, CancellationToken.None);
        Assert.Equal(whole.Completion, steps[^1]);
        Assert.All(steps, step => Assert.StartsWith(step, whole.Completion, StringComparison.Ordinal));

        InfillResult cut = await engine.InfillAsync(request with { Budget = TimeSpan.Zero, Progress = null }, options, CancellationToken.None);
        Assert.Equal(StopReason.Budget, cut.StopReason);
        Assert.Equal(1, cut.Forwards); // the first step writes something, and the time is over then
        Assert.NotEmpty(cut.Completion);
        Assert.StartsWith(cut.Completion, whole.Completion, StringComparison.Ordinal);

        InfillResult enough = await engine.InfillAsync(request with { Progress = text => text.Length > 5 }, options, CancellationToken.None);
        Assert.Equal((StopReason.Enough, steps.First(s => s.Length > 5)), (enough.StopReason, enough.Completion));
    }
}
