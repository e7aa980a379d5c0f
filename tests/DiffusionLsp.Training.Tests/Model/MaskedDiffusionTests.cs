using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;
using Xunit.Abstractions;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>
/// Training, export and decoding of a bidirectional model end to end: a tiny one learns a few short holes by heart, and every
/// decoder and cache writes them back.
/// </summary>
[Trait("tier", "slow")]
public sealed class MaskedDiffusionTests(MaskedDiffusionTests.Trained trained, ITestOutputHelper output) : IClassFixture<MaskedDiffusionTests.Trained>
{
    private const int RowTokens = 64, HoleTokens = 12;

    public static TheoryData<string, string> Holes => new()
    {
        { "area.py", "def area(side):\n    return ║side * side║\n" },
        { "greet.py", "def greet(name):\n    ║print('hello')║\n    return name\n" },
        { "Stack.cs", "public int Size => ║items.Count;║\n" },
    };

    /// <summary>Trains once for all cases.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public Trained()
        {
            CodeTokenizer tokenizer = TinyTraining.Prepare(folder.Path);
            TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize);
            options = options with { RowTokens = RowTokens, Steps = 240, Model = options.Model with { Attention = AttentionKind.Full, UsesFimMiddle = true } };
            (Engine, Losses) = TinyTraining.Learn(folder, tokenizer, options, new Lessons(tokenizer));
        }

        internal InfillEngine Engine { get; }
        internal List<StepLosses> Losses { get; }

        public void Dispose()
        {
            Engine.Dispose();
            folder.Dispose();
        }
    }

    /// <summary>The holes, one after the other, in the layout of training: behind the end stand ends, as on a canvas.</summary>
    private sealed class Lessons(CodeTokenizer tokenizer) : IRowSource
    {
        private readonly (InfillRequest Request, string Expected)[] lessons = [.. Holes.Select(h => Request((string)h[0], (string)h[1]))];

        public long[] Row(long index)
        {
            (InfillRequest request, string expected) = lessons[index % lessons.Length];
            int[] row = [.. PromptStyles.FimMiddle.Build(new PromptBuilder(tokenizer, RowTokens), request).Before, .. tokenizer.Encode(expected)];
            Assert.True(row.Length < RowTokens, $"the row of {row.Length} tokens fits");
            return [.. row.Select(id => (long)id), .. Enumerable.Repeat((long)tokenizer.Special.EndOfText, RowTokens - row.Length)];
        }
    }

    [Theory, MemberData(nameof(Holes))]
    public async Task MemorisedTextComesBack(string path, string marked)
    {
        (InfillRequest request, string expected) = Request(path, marked);
        foreach (string decoder in new[] { "vanilla", "threshold" })
            foreach (CacheKind cache in Enum.GetValues<CacheKind>())
            {
                var options = new DecodeOptions { Decoder = decoder, Cache = cache, Length = HoleTokens };
                InfillResult result = await trained.Engine.InfillAsync(request, options, CancellationToken.None);
                output.WriteLine($"losses {string.Join(", ", trained.Losses.Where((_, i) => i % 40 == 0).Select(l => l.Diffusion.ToString("F2")))}; {decoder}, {cache}: {result.Completion} ({result.StopReason}, {result.Forwards} forwards)");
                Assert.Equal(expected, result.Completion);
                Assert.Equal(StopReason.EndOfText, result.StopReason);
            }
    }

    private static (InfillRequest Request, string Expected) Request(string path, string marked)
    {
        string[] parts = marked.Split('║');
        return (new InfillRequest { Prefix = parts[0], Suffix = parts[2], Path = path, UsesFimMiddle = true }, parts[1]);
    }
}
