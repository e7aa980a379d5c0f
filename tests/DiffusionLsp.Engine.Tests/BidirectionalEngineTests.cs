using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests;

/// <summary>A bidirectional model from folder to text: every cache works, and the text after the hole is placed after it in the prompt.</summary>
public sealed class BidirectionalEngineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_cache_writes_what_it_wrote_the_first_time(bool shift)
    {
        using InfillEngine engine = Load(shift);
        var request = new InfillRequest { Prefix = "int x = ret", Suffix = ";\nreturn x;\n", Path = "a.cs" };
        foreach (CacheKind cache in Enum.GetValues<CacheKind>())
        {
            var options = new DecodeOptions { Cache = cache, Length = 20, EndOfText = "never" };
            InfillResult first = await engine.InfillAsync(request, options, CancellationToken.None);
            await engine.InfillAsync(request with { Prefix = "int xy = re" }, options, CancellationToken.None);
            InfillResult again = await engine.InfillAsync(request, options, CancellationToken.None);
            Assert.Equal(first.Completion, again.Completion);
            Assert.Equal(0, again.CachedPromptTokens);
            Assert.InRange(first.Forwards, 1, 20);
            InfillResult other = await engine.InfillAsync(request with { Suffix = "" }, options, CancellationToken.None);
            Assert.NotEqual(first.Completion, other.Completion); // random weights: any change of the input shows
            Assert.True(other.PromptTokens < first.PromptTokens, "the text after the hole is fed");
        }
    }

    [Fact]
    public async Task A_longer_hole_gets_a_larger_cache_and_one_too_long_what_the_positions_leave()
    {
        using InfillEngine engine = Load(shift: true, context: 64);
        var request = new InfillRequest { Prefix = "x = ", Suffix = ";\n" };
        foreach (int length in new[] { 10, 400, 12 })
        {
            var options = new DecodeOptions { Cache = CacheKind.Dual, Decoder = "fixed", BlockLength = 256, Length = length, EndOfText = "never" }.With(FixedCountPolicy.TokensPerStep, 64);
            Assert.InRange((await engine.InfillAsync(request, options, CancellationToken.None)).Tokens, 1, length);
        }
        InfillResult cut = await engine.InfillAsync(request, new DecodeOptions { Cache = CacheKind.Dual, Decoder = "fixed", BlockLength = 256, Length = 1020, EndOfText = "never" }.With(FixedCountPolicy.TokensPerStep, 64), CancellationToken.None);
        Assert.InRange(cut.Tokens, 900, 1024 - cut.PromptTokens);
    }

    [Theory]
    [InlineData("apd", CacheKind.Prefix, 5)]
    [InlineData("apd", CacheKind.None, null)]
    [InlineData("threshold", CacheKind.Prefix, null)]
    public async Task The_window_of_a_decoder_reaches_its_scorer(string decoder, CacheKind cache, int? window)
    {
        using InfillEngine engine = Load(shift: true);
        DecodeOptions options = new DecodeOptions { Decoder = decoder, Cache = cache, Length = 4 }.With(AdaptiveDecoder.Verifier, "ngram").With(AdaptiveDecoder.Window, 5);
        ICanvasScorer? used = null;
        await engine.InfillAsync(new InfillRequest { Prefix = "x = " }, options, new DecodeWatch(null, Scorer: own => used = own), CancellationToken.None);
        Assert.Equal(window, (used as WindowScorer)?.Window);
    }

    [Fact]
    public async Task Typing_reuses_the_prompt_where_that_is_asked_for()
    {
        using InfillEngine engine = Load(shift: true);
        var request = new InfillRequest { Prefix = "a very long line of text ", Suffix = ";\n" };
        var options = new DecodeOptions { Cache = CacheKind.Prefix, Length = 8, RefreshEvery = 32 };
        Assert.Equal(0, (await engine.InfillAsync(request, options, CancellationToken.None)).CachedPromptTokens);
        InfillResult next = await engine.InfillAsync(request with { Prefix = request.Prefix + "x" }, options, CancellationToken.None);
        Assert.InRange(next.CachedPromptTokens, 20, next.PromptTokens - 1);
    }

    [Fact]
    public async Task Without_any_text_there_is_still_a_row_to_score_from()
    {
        using InfillEngine engine = Load(shift: true);
        foreach (CacheKind cache in Enum.GetValues<CacheKind>())
        {
            InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "" }, new DecodeOptions { Cache = cache, Length = 4 }, CancellationToken.None);
            Assert.Equal(1, result.PromptTokens);
        }
    }

    [Fact]
    public void The_text_after_the_hole_trails_where_the_model_sees_to_the_right()
    {
        var tokenizer = TinyTokenizer.Load();
        var builder = new PromptBuilder(tokenizer, 512);
        var request = new InfillRequest { Prefix = "before", Suffix = "after", Path = "a.cs" };
        var (prompt, suffix) = PromptStyles.Between.Build(builder, request);
        Assert.Equal(tokenizer.Encode("before"), prompt);
        Assert.Equal(tokenizer.Encode("after"), suffix);
        (prompt, suffix) = PromptStyles.Embedded.Build(builder, request);
        Assert.Equal(builder.Build(request), prompt);
        Assert.Empty(suffix);
        var (cut, after) = PromptStyles.Between.Build(new PromptBuilder(tokenizer, 64), new InfillRequest { Prefix = new string('x', 5000), Suffix = new string('y', 5000) });
        Assert.InRange(cut.Length + after.Length, 48, 64);
        Assert.NotEmpty(after);
    }

    private InfillEngine Load(bool shift, int context = 512)
    {
        var config = TinyModel.Shape(shift ? 16 : 0) with
        {
            Attention = AttentionKind.Full, MaxPositions = 1024,
            VocabularySize = TinyTokenizer.FirstSpecial + SpecialTokens.Contents.Count,
        };
        using var model = new TinyModel(config);
        using (var scope = NewDisposeScope())
            SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"),
                ParameterTable.Shapes(config).ToDictionary(entry => entry.Key, entry => tensor(model.Values[entry.Key], entry.Value)));
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), config.ToJson());
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), TinyTokenizer.Json().ToJsonString());
        return InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1, PromptTokens = context });
    }
}
