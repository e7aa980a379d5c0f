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

    [Theory]
    [InlineData("filter")]
    [InlineData("learn2pd")]
    public void Its_filters_belong_to_its_weights(string decoder) =>
        Assert.NotNull(new Engine.Decoding.Filters.FilterStore(EmbeddedModel.Folder!).For(new Engine.Decoding.DecodeOptions { Decoder = decoder }));
}
