using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;
using Xunit.Abstractions;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>
/// A tiny model learns a few files by heart, and its completions, through the whole engine, are the memorised text.
/// That cannot work if masks, shift, hole order, caches or the file formats are wrong.
/// </summary>
[Trait("tier", "slow")]
public sealed class OverfitTests(OverfitTests.Trained trained, ITestOutputHelper output) : IClassFixture<OverfitTests.Trained>
{
    /// <summary>Trains once for all cases.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public Trained()
        {
            CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
            TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize);
            options = options with { Model = options.Model with { UsesFimMiddle = true } };
            (Engine, List<StepLosses> losses) = TinyTraining.Learn(folder, tokenizer, options, new Lessons(tokenizer, options.RowTokens));
            Losses = losses[^1];
        }

        internal InfillEngine Engine { get; }
        internal StepLosses Losses { get; }

        public void Dispose()
        {
            Engine.Dispose();
            folder.Dispose();
        }
    }

    /// <summary>The holes below, each once per cycle, in the prompt layout of training; the rest of a row is plain text.</summary>
    private sealed class Lessons(CodeTokenizer tokenizer, int length) : IRowSource
    {
        private readonly (InfillRequest Request, string Expected)[] lessons = [.. Holes.Select(h => (string)h[0] + "\n" + (string)h[1]).Distinct()
            .Select(h => Request(h[..h.IndexOf('\n')], h[(h.IndexOf('\n') + 1)..]))];

        public long[] Row(long index)
        {
            var (request, expected) = lessons[index % lessons.Length];
            var row = new List<int>();
            row.AddRange(PromptStyles.FimMiddle.Build(new PromptBuilder(tokenizer, 4 * length), request).Before); // never cut
            row.AddRange(tokenizer.Encode(expected));
            row.Add(tokenizer.Special.EndOfText);
            Assert.True(row.Count <= length, $"the row of {row.Count} tokens fits");
            for (int i = 0; row.Count < length; i++) row.AddRange(tokenizer.Encode(TinyTraining.Files[i % TinyTraining.Files.Length].Text));
            return [.. row.Take(length).Select(id => (long)id)];
        }
    }

    public static TheoryData<string, string, string> Holes => new()
    {
        { "src/Stack.cs", "items.Add(║value);║", "threshold" },
        { "src/Stack.cs", "int last = ║items[^1];║", "vanilla" },
        { "src/Stack.cs", "    {\n        ║int last = items[^1];\n        items.RemoveAt(items.Count - 1);\n        return last;║\n    }", "threshold" },
        { "src/greet.ts", "const trimmed = ║name.trim();║", "fixed" },
        { "src/greet.ts", "  ║if (trimmed.length === 0) {\n    return 'hello, stranger';\n  }║", "threshold" },
        { "src/area.py", "    ║raise║ ValueError", "threshold" },
        { "src/area.py", "return math.pi * ║radius ** 2║", "vanilla" },
        { "src/area.py", "return ║side * side║", "draft" },
        { "src/Stack.cs", "items.RemoveAt(║items.Count - 1);║", "autoregressive" },
    };

    [Theory, MemberData(nameof(Holes))]
    public async Task MemorisedTextComesBack(string path, string marked, string decoder)
    {
        (InfillRequest request, string expected) = Request(path, marked);
        foreach (CacheKind cache in new[] { CacheKind.None, CacheKind.Prefix, CacheKind.Prefix })
        {
            InfillResult result = await trained.Engine.InfillAsync(request, new DecodeOptions { Decoder = decoder, Cache = cache }, CancellationToken.None);
            output.WriteLine($"losses {trained.Losses}; {cache}: {result.Completion} ({result.StopReason}, {result.Forwards} forwards, {result.CachedPromptTokens} of {result.PromptTokens} cached)");
            Assert.Equal(expected, result.Completion);
            Assert.Equal(StopReason.EndOfText, result.StopReason);
        }
    }

    [Fact]
    public async Task MemorisedTextNeedsFewerForwardsThanTokens()
    {
        (InfillRequest request, string expected) = Request("src/Stack.cs", "        ║int last = items[^1];\n        items.RemoveAt(items.Count - 1);\n        return last;║\n");
        InfillResult one = await trained.Engine.InfillAsync(request, new DecodeOptions { Decoder = "vanilla" }, CancellationToken.None);
        InfillResult many = await trained.Engine.InfillAsync(request, new DecodeOptions { Decoder = "threshold" }, CancellationToken.None);
        Assert.Equal(expected, many.Completion);
        Assert.True(one.Forwards >= one.Tokens, $"vanilla: {one.Forwards} forwards for {one.Tokens} tokens");
        Assert.True(many.Forwards * 2 <= many.Tokens, $"threshold: {many.Forwards} forwards for {many.Tokens} tokens");
    }

    [Fact]
    public async Task SingleLineStopsAtTheEndOfTheLine()
    {
        (InfillRequest request, _) = Request("src/Stack.cs", "        ║int last = items[^1];\n        items.RemoveAt(items.Count - 1);\n        return last;║\n");
        // Without a suffix it is text that goes on, which was learnt by heart; a hole without a FIM middle token was not.
        request = request with { Suffix = "" };
        InfillResult whole = await trained.Engine.InfillAsync(request with { UsesFimMiddle = false }, new DecodeOptions(), CancellationToken.None);
        InfillResult result = await trained.Engine.InfillAsync(request with { SingleLine = true }, new DecodeOptions(), CancellationToken.None);
        Assert.Equal("int last = items[^1];", result.Completion);
        Assert.Equal(whole.Completion.Split('\n')[0], result.Completion);
        Assert.Equal(StopReason.EndOfLine, result.StopReason);
    }

    private static (InfillRequest Request, string Expected) Request(string path, string marked)
    {
        string text = TinyTraining.Files.Single(f => f.Path == path).Text;
        string[] parts = marked.Split('║');
        int start = text.IndexOf(parts[0] + parts[1] + parts[2], StringComparison.Ordinal) + parts[0].Length;
        Assert.True(start >= parts[0].Length, "the marked text is in the file");
        return (new InfillRequest { Prefix = text[..start], Suffix = text[(start + parts[1].Length)..], Path = path, UsesFimMiddle = true }, parts[1]);
    }
}
