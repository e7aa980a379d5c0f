using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Tests.Tokenization;

namespace DiffusionLsp.Engine.Tests;

/// <summary>The embedded model as shipped: a cache kept across keystrokes gives the same text as none.</summary>
[Trait("tier", "slow")]
public sealed class EmbeddedModelTests
{
    private const string Before = "using System.Collections.Generic;\n\npublic static class Totals\n{\n    public static int Sum(List<int> values)\n    {\n        int sum = 0;\n";
    private const string Typed = "        for (int i = 0; i < values.Count; i++)\n            sum += ";
    private const string After = "\n        return sum;\n    }\n}\n";

    [Fact]
    public async Task CachedEqualsUncachedWhileTyping()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        foreach (string decoder in new[] { "anchored", "vanilla", "autoregressive" })
            for (int typed = 0; typed <= Typed.Length; typed += 5)
            {
                var request = new InfillRequest { Prefix = Before + Typed[..typed], Suffix = After, Path = "Totals.cs", SingleLine = true };
                var options = new DecodeOptions { Decoder = decoder, Length = 24 };
                InfillResult cached = await engine.InfillAsync(request, options, CancellationToken.None);
                InfillResult uncached = await engine.InfillAsync(request with { Session = "uncached" }, options with { Cache = CacheKind.None }, CancellationToken.None);
                Assert.Equal(uncached.Completion, cached.Completion);
                Assert.Equal(uncached.Forwards, cached.Forwards);
                Assert.Equal(0, uncached.CachedPromptTokens);
                Assert.True(typed == 0 || decoder != "anchored" || cached.CachedPromptTokens > cached.PromptTokens / 2, $"{cached.CachedPromptTokens} of {cached.PromptTokens} cached");
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
        var options = new DecodeOptions { Decoder = "anchored", Length = 24, NgramCache = false }; // step by step, with nothing known from the time before
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

    [Theory]
    [InlineData(96, 400, 512)]
    [InlineData(3_800, 200, 296)] // what is left of 4,096 positions
    [InlineData(4_096, 100, 128)] // and never less than a hole needs to be filled with sense
    public async Task A_prompt_gives_way_to_a_long_hole(int length, int leastPrompt, int mostPrompt)
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        string before = string.Concat(Enumerable.Range(0, 200).Select(i => $"    int value{i} = Compute({i});\n"));
        foreach (string decoder in new[] { "auto", "anchored" })
        {
            var request = new InfillRequest { Prefix = before + "    int value200 = ", Suffix = "\n" + before, Path = "Totals.cs", SingleLine = true };
            InfillResult result = await engine.InfillAsync(request, new DecodeOptions { Decoder = decoder, Length = length }, CancellationToken.None);
            Assert.InRange(result.PromptTokens, leastPrompt, mostPrompt);
            Assert.StartsWith("Compute(", result.Completion);
        }
    }

    [Fact]
    public void It_is_run_without_libtorch()
    {
        using LoadedModel model = LoadedModel.Load(EmbeddedModel.Folder, "cpu");
        Assert.False(model.UsesLibtorch);
    }

    /// <summary>Sums in another order differ in their last bits, which matters only if two tokens are almost equally likely.</summary>
    [Theory]
    [InlineData("auto")]
    [InlineData("threshold")]
    [InlineData("apd")]
    public async Task It_writes_what_it_writes_through_libtorch(string decoder)
    {
        using InfillEngine own = InfillEngine.Load(new EngineOptions { Device = "cpu" }), libtorch = InfillEngine.Load(new EngineOptions { Device = "cpu", ThroughLibtorch = true });
        Assert.Equal((false, true), (own.Model.UsesLibtorch, libtorch.Model.UsesLibtorch));
        var different = new List<string>();
        int asked = 0;
        foreach (string file in Directory.EnumerateFiles(Samples(), "*.*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string text = File.ReadAllText(file);
            foreach (bool singleLine in new[] { true, false })
            {
                int cut = text.Length * (singleLine ? 2 : 1) / 3;
                var request = new InfillRequest { Prefix = text[..cut], Suffix = text[cut..], Path = file, SingleLine = singleLine };
                var options = new DecodeOptions { Decoder = decoder, Length = 24 };
                InfillResult mine = await own.InfillAsync(request, options, CancellationToken.None), theirs = await libtorch.InfillAsync(request, options, CancellationToken.None);
                asked++;
                if (mine.Completion != theirs.Completion) different.Add($"{file}: {mine.Completion} instead of {theirs.Completion}");
                else foreach ((WrittenToken expected, WrittenToken actual) in theirs.Signals!.Value.Tokens.Zip(mine.Signals!.Value.Tokens)) Assert.Equal(expected.Signals.Probability, actual.Signals.Probability, 1e-3f);
            }
        }
        Assert.True(asked > 20 && different.Count <= asked / 20, string.Join("\n", different));
    }

    private static string Samples([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "eng", "samples", "cases", "eval");

    [Theory]
    [InlineData("filter")]
    [InlineData("learn2pd")]
    public void Its_filters_belong_to_its_weights(string decoder)
    {
        var options = new DecodeOptions { Decoder = decoder };
        Assert.NotNull(new Engine.Decoding.Filters.FilterStore(EmbeddedModel.Folder!).Find(Decoders.RowOf(options).Filter!.Value, options));
    }

    [Fact]
    public async Task DraftsChangeNothingButTheNumberOfForwards()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        int forwards = 0, autoregressive = 0, repeated = 0;
        foreach (bool singleLine in new[] { true, false })
            for (int typed = 0; typed <= Typed.Length; typed += 7)
            {
                var request = new InfillRequest { Prefix = Before + Typed[..typed], Suffix = After, Path = "Totals.cs", SingleLine = singleLine };
                var options = new DecodeOptions { Decoder = "autoregressive", Length = 24 };
                InfillResult expected = await engine.InfillAsync(request, options, CancellationToken.None);
                await engine.InfillAsync(request with { Prefix = "x" }, options with { Length = 1 }, CancellationToken.None); // what was just completed is not known any more
                foreach (DecodeOptions way in new[] { options, options with { Cache = CacheKind.None } })
                {
                    InfillResult drafted = await engine.InfillAsync(request, way with { Decoder = "draft" }, CancellationToken.None);
                    Assert.Equal((expected.Completion, expected.StopReason, expected.Tokens), (drafted.Completion, drafted.StopReason, drafted.Tokens));
                    if (way.Cache is CacheKind.Prefix) forwards += drafted.Forwards;
                }
                autoregressive += expected.Forwards;
                InfillResult again = await engine.InfillAsync(request, options with { Decoder = "draft" }, CancellationToken.None);
                Assert.Equal(expected.Completion, again.Completion);
                repeated += again.Forwards;
            }
        Assert.True(forwards < autoregressive, $"{forwards} forwards with drafts, {autoregressive} without");
        Assert.True(repeated < autoregressive, $"{repeated} forwards where the last completion is the draft, {autoregressive} without"); // how much of it fits a forward depends on a measured cost
    }

    [Fact]
    public async Task WhatStandsInAnotherFileIsNotHealed()
    {
        const string Cut = "public int values = 1; // val"; // its last token begins longer ones
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        async Task<int> RewrittenAsync(string prefix) => (await engine.InfillAsync(
            new InfillRequest { Prefix = prefix, Language = "csharp", Related = [new RelatedText("a.cs", Cut)], RelatedTokens = 64, SingleLine = true },
            new DecodeOptions { Length = 8 }, CancellationToken.None)).Rewritten;
        Assert.InRange(await RewrittenAsync(Cut), "val".Length, " val".Length);
        Assert.Equal(0, await RewrittenAsync(""));
        Assert.InRange(await RewrittenAsync("x"), 0, 1);
    }

    [Fact]
    public async Task WhatStandsInAnotherFileOfTheWorkspaceIsRepeatedInALine()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        const string Line = "        registry.RegisterHandler(orderQueue, PriorityLevel.Urgent, retries: 5);\n";
        WorkspaceIndex.Builder foreign = new(TinyTokenizer.Load());
        WorkspaceIndex index = engine.IndexBuilder()!.Of([new RelatedText("src/Setup.cs", "class Setup\n{\n    void Register()\n    {\n" + Line + "    }\n}\n")]);
        var request = new InfillRequest { Prefix = "class Orders\n{\n    void Start()\n    {\n        registry.RegisterHandler(orderQueue, ", Suffix = "\n    }\n}\n", Language = "csharp", SingleLine = true };
        async Task<string> CompleteAsync(InfillRequest asked) => (await engine.InfillAsync(asked with { Session = Guid.NewGuid().ToString() }, new DecodeOptions(), CancellationToken.None)).Completion;
        string alone = await CompleteAsync(request);
        Assert.Equal("PriorityLevel.Urgent, retries: 5);", (await CompleteAsync(request with { Workspace = index })).TrimEnd());
        Assert.DoesNotContain("PriorityLevel", alone);
        Assert.Equal(alone, await CompleteAsync(request with { Workspace = index.Without("src/Setup.cs") }));
        Assert.Equal(alone, await CompleteAsync(request with { Workspace = foreign.Of([new RelatedText("src/Setup.cs", Line)]) })); // of another model's tokens
        Assert.Equal(await CompleteAsync(request with { SingleLine = false }), await CompleteAsync(request with { SingleLine = false, Workspace = index }));
    }

    [Fact]
    public async Task AnyModelFolderWithTheSameTokenizerVerifies()
    {
        using InfillEngine alone = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        using InfillEngine checkedBy = InfillEngine.Load(new EngineOptions { Device = "cpu", VerifierFolder = alone.Model.Folder });
        var request = new InfillRequest { Prefix = Before, Suffix = After, Path = "Totals.cs", SingleLine = true };
        foreach (double weight in new[] { 0, 0.7 })
        {
            var options = new DecodeOptions { Decoder = "apd", Length = 24 }.With(AdaptiveDecoder.Weight, weight);
            InfillResult same = await alone.InfillAsync(request, options.With(AdaptiveDecoder.Verifier, "same"), CancellationToken.None);
            InfillResult small = await checkedBy.InfillAsync(request, options.With(AdaptiveDecoder.Verifier, "small"), CancellationToken.None);
            InfillResult ngram = await alone.InfillAsync(request, options.With(AdaptiveDecoder.Verifier, "ngram"), CancellationToken.None);
            Assert.Equal(same.Completion, small.Completion); // the same weights in another place
            Assert.True(ngram.Tokens > 0 && ngram.Forwards <= ngram.Tokens + 1);
        }
    }

    [Fact]
    public async Task ItsSmallVerifierIsFoundBesideIt()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        var request = new InfillRequest { Prefix = Before, Suffix = After, Path = "Totals.cs", SingleLine = true };
        var options = new DecodeOptions { Decoder = "apd", Length = 24 }.With(AdaptiveDecoder.Verifier, "small");
        InfillResult small = await engine.InfillAsync(request, options, CancellationToken.None);
        InfillResult accepting = await engine.InfillAsync(request, options.With(AdaptiveDecoder.Weight, 1), CancellationToken.None);
        Assert.InRange(small.Forwards, 1, small.Tokens + 1);
        Assert.True(accepting.Forwards <= small.Forwards, "what accepts every draft needs no more forwards");
    }

    [Fact]
    public async Task AVerifierThatIsMissingIsNamed()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu", VerifierFolder = Path.Combine(AppContext.BaseDirectory, "nowhere") });
        var options = new DecodeOptions { Decoder = "apd" }.With(AdaptiveDecoder.Verifier, "small");
        var problem = await Assert.ThrowsAsync<EngineException>(() => engine.InfillAsync(new InfillRequest { Prefix = "x" }, options, CancellationToken.None));
        Assert.Contains("nowhere", problem.Message);
    }

    public static TheoryData<string> ForeignText =>
    [
        "    // Эта функция складывает ", "    # 数字の合計を", "    string s = \"Привет, ", "    // Η συνάρτηση ", "    /* यह फलन ", "    // 🙂🙃🙂", "    var s = \"👩‍👩‍👧 ",
    ];

    [Theory, MemberData(nameof(ForeignText))]
    public async Task No_text_ends_inside_a_character_wherever_it_is_cut(string typed)
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        for (int length = 1; length <= 12; length++)
            foreach (bool singleLine in new[] { true, false })
            {
                void IsWhole(string text) => Assert.True(text.All(c => c != '\uFFFD') && (text.Length == 0 || !char.IsHighSurrogate(text[^1])), text);
                var request = new InfillRequest
                {
                    Prefix = Before + typed, Suffix = After, Path = "Totals.cs", SingleLine = singleLine,
                    Progress = text =>
                    {
                        IsWhole(text);
                        return false;
                    },
                };
                foreach (string decoder in new[] { "vanilla", "autoregressive" })
                    IsWhole((await engine.InfillAsync(request, new DecodeOptions { Decoder = decoder, Length = length }, CancellationToken.None)).Completion);
                IsWhole((await engine.TraceAsync(request, new DecodeOptions { Length = length }, CancellationToken.None)).Result.Completion);
                IsWhole((await engine.InfillAsync(request with { Budget = TimeSpan.Zero }, new DecodeOptions { Length = length }, CancellationToken.None)).Completion);
            }
    }
}
