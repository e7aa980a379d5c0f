using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests.Confidence;

/// <summary>The embedded model's confidence in its own completions.</summary>
[Trait("tier", "slow")]
public sealed class EmbeddedConfidenceTests : IDisposable
{
    private readonly InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = 1 });

    public void Dispose() => engine.Dispose();

    private Task<InfillResult> Complete(string prefix, string suffix = "", string decoder = "auto", bool singleLine = true) =>
        engine.InfillAsync(new InfillRequest { Prefix = prefix, Suffix = suffix, Language = "python", Path = "a.py", SingleLine = singleLine }, new DecodeOptions { Decoder = decoder, Length = 32 }, CancellationToken.None);

    [Theory]
    [InlineData("for i in ran", true)] // healed
    [InlineData("def add(a, b):\n", true)] // an indentation is completed
    [InlineData("# größ", true)]
    [InlineData("def add(a, b):\n    ", false)]
    public async Task The_tokens_end_where_their_text_does(string prefix, bool singleLine)
    {
        InfillResult result = await Complete(prefix, singleLine: singleLine);
        IReadOnlyList<TokenConfidence> tokens = result.Confidence.Tokens;
        Assert.NotEmpty(tokens);
        Assert.Equal(result.Completion.Length, tokens[^1].End);
        Assert.Equal(tokens.OrderBy(t => t.End), tokens);
        IReadOnlyList<WrittenToken> written = result.Signals!.Value.Tokens;
        Assert.Equal(result.Completion.TrimStart(), string.Concat(written.Select(t => t.Text)).TrimStart());
    }

    [Theory, InlineData("threshold"), InlineData("vanilla"), InlineData("anchored"), InlineData("apd"), InlineData("autoregressive"), InlineData("filter")]
    public async Task Every_decoder_says_something(string decoder)
    {
        InfillResult result = await Complete("import os\n\nfor i in ran", decoder: decoder);
        Assert.Equal(result.Completion.Length, result.Confidence.Tokens[^1].End);
    }

    [Theory]
    [InlineData("go", "")]
    [InlineData("python", ")")]
    public async Task It_is_no_surer_where_it_was_never_fitted(string language, string suffix)
    {
        var request = new InfillRequest { Prefix = "x = (", Suffix = suffix, Language = language, Path = "a", SingleLine = true };
        InfillResult result = await engine.InfillAsync(request, new DecodeOptions { Length = 32 }, CancellationToken.None);
        Assert.InRange(result.Confidence.Whole, 0, 0.9);
    }

    [Fact]
    public async Task What_stands_in_the_file_is_surer_than_what_nobody_can_know()
    {
        const string Known = "total_amount_of_everything = compute(first, second)\n";
        InfillResult again = await Complete(Known + Known + Known + "total_amount_of_every"), unknown = await Complete("x = ");
        Assert.True(again.Confidence.Whole > 2 * unknown.Confidence.Whole, $"{again.Completion}: {again.Confidence.Whole}, {unknown.Completion}: {unknown.Confidence.Whole}");
    }
}
