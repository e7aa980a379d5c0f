using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>Which holes are cut: always the same ones, honestly, and spread.</summary>
public sealed class CaseSelectorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CodeTokenizer tokenizer;
    private readonly TokenShard shard;
    private readonly CaseSelector selector;

    public CaseSelectorTests()
    {
        tokenizer = HeldOut.Write(folder.Path);
        shard = TokenShard.Open(folder.Path, "csharp.eval");
        selector = new CaseSelector(shard, tokenizer, "csharp");
    }

    public void Dispose()
    {
        shard.Dispose();
        folder.Dispose();
    }

    public static TheoryData<string> Tasks => [.. EvaluationTasks.All.Union(EvaluationTasks.Refills).Select(k => k.ToString())];

    [Theory, MemberData(nameof(Tasks))]
    public void The_same_seed_gives_the_same_cases(string task)
    {
        Assert.Equal(Select(task, 40), Select(task, 40));
        Assert.NotEqual(Select(task, 40), Select(task, 40, seed: 2));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Fewer_cases_are_the_first_of_more(string task) => Assert.Equal(Select(task, 40).Take(15), Select(task, 15));

    [Theory, MemberData(nameof(Tasks))]
    public void A_hole_and_its_context_are_the_file(string task)
    {
        HashSet<string> files = [.. Enumerable.Range(0, shard.Count).Select(d => tokenizer.Decode(shard.Ids(d)))];
        Assert.All(Select(task, 60), hole =>
        {
            Assert.Contains(hole.Prefix + hole.Truth + hole.Suffix, files);
            Assert.False(string.IsNullOrWhiteSpace(hole.Truth));
            Assert.True(tokenizer.Encode(hole.Truth).Length < EvaluationTasks.MaxTokens(hole.Hole.Kind));
            Assert.False(char.IsLowSurrogate(hole.Truth[0]), "no character is cut in half");
        });
    }

    [Theory]
    [InlineData("StartOfLine", 0.0)]
    [InlineData("InsideIndentation", 0.5)]
    public void In_an_indentation_the_holes_are_the_whole_lines(string task, double share)
    {
        IReadOnlyList<EvaluationCase> lines = Select("WholeLine", 40), holes = Select(task, 40);
        Assert.Equal(lines.Count, holes.Count);
        foreach ((EvaluationCase line, EvaluationCase hole) in lines.Zip(holes))
        {
            string indentation = line.Prefix[(line.Prefix.LastIndexOf('\n') + 1)..];
            int stays = (int)(indentation.Length * share);
            Assert.Equal(line.Prefix[..^(indentation.Length - stays)], hole.Prefix);
            Assert.Equal(indentation[stays..] + line.Truth, hole.Truth);
            Assert.Equal(line.Suffix, hole.Suffix);
        }
    }

    [Fact]
    public void A_rest_of_line_begins_after_a_token_inside_a_line_and_ends_with_it() => Assert.All(Select("RestOfLine", 60), hole =>
    {
        Assert.DoesNotContain('\n', hole.Truth);
        Assert.StartsWith("\n", hole.Suffix);
        Assert.False(string.IsNullOrWhiteSpace(hole.Prefix[(hole.Prefix.LastIndexOf('\n') + 1)..]), "there is code before the cursor");
        Assert.True(hole.SingleLine);
        int[] ids = tokenizer.Encode(hole.Text);
        Assert.Contains(hole.Prefix, Enumerable.Range(1, ids.Length).Select(n => tokenizer.Decode(ids.AsSpan(0, n))));
    });

    [Fact]
    public void Inside_a_token_stands_between_two_of_its_characters() => Assert.All(Select("InsideToken", 60), hole =>
    {
        Assert.DoesNotContain('\n', hole.Truth);
        Assert.StartsWith("\n", hole.Suffix);
        Assert.True(hole.SingleLine);
        int[] ids = tokenizer.Encode(hole.Text);
        Assert.DoesNotContain(hole.Prefix, Enumerable.Range(1, ids.Length).Select(n => tokenizer.Decode(ids.AsSpan(0, n))));
    });

    [Fact]
    public void A_whole_line_stands_behind_its_indentation() => Assert.All(Select("WholeLine", 60), hole =>
    {
        Assert.DoesNotContain('\n', hole.Truth);
        Assert.StartsWith("\n", hole.Suffix);
        Assert.Matches(@"\n[ \t]+$", hole.Prefix);
        Assert.DoesNotMatch(@"^\s", hole.Truth);
        Assert.True(hole.SingleLine);
    });

    [Fact]
    public void A_block_has_two_to_six_lines_of_a_body() => Assert.All(Select("Block", 60), hole =>
    {
        Assert.InRange(hole.Truth.Split('\n').Length, 2, 6);
        Assert.Matches(@"\n[ \t]+$", hole.Prefix);
        Assert.False(string.IsNullOrWhiteSpace(hole.Truth.Split('\n')[^1]));
        Assert.False(hole.SingleLine);
    });

    [Fact]
    public void A_span_is_made_of_whole_words_and_its_line_goes_on() => Assert.All(Select("Span", 60), hole =>
    {
        Assert.Matches(@"^\w([^\n]*\w)?$", hole.Truth);
        Assert.DoesNotMatch(@"\w$", hole.Prefix);
        Assert.Matches(@"^[^\w\n]", hole.Suffix);
        Assert.False(string.IsNullOrWhiteSpace(hole.Suffix[..hole.Suffix.IndexOf('\n')]));
    });

    [Theory, MemberData(nameof(Tasks))]
    public void Packages_and_files_take_turns(string task)
    {
        IReadOnlyList<EvaluationCase> cases = Select(task, 1000);
        Assert.All(cases.GroupBy(c => (c.Package, c.Path)), file => Assert.InRange(file.Count(), 1, CaseSelector.MostPerFile));
        Assert.Equal(cases.Count, cases.Select(c => (c.Package, c.Path, c.Hole.Start)).Distinct().Count());
        Assert.Equal(HeldOut.Packages, cases.Take(5).Select(c => c.Package).Distinct().Order());
        Assert.True(cases.Take(20).Select(c => (c.Package, c.Path)).Distinct().Count() >= 18, "files are new as long as there are new ones");
        Assert.True(cases.Count > 28, "later passes take more from each file");
    }

    [Theory]
    [InlineData("csharp", "x = 1;\n    ", "}", false)]
    [InlineData("csharp", "x = Call(y", ");", false)]
    [InlineData("csharp", "x = Call(y, ", "z);", true)]
    [InlineData("csharp", "    // cut ", "in a comment", false)]
    [InlineData("csharp", "    ", "// one\n    // two", false)]
    [InlineData("csharp", "    ", "// one\n    two();", true)]
    [InlineData("csharp", "    /* a\n     ", "* words", false)]
    [InlineData("python", "    ", "# words", false)]
    [InlineData("csharp", "", "#region words", true)]
    [InlineData("csharp", "    ", "}\n}", false)]
    public void Closers_and_comments_are_told_from_code(string language, string prefix, string truth, bool code)
    {
        var hole = new EvaluationCase(language, "p", "f", prefix + truth + "\n", new Hole(HoleKind.Block, prefix.Length, prefix.Length + truth.Length));
        Assert.Equal(code, hole.HasCode);
    }

    private IReadOnlyList<EvaluationCase> Select(string task, int count, int seed = 1) =>
        selector.Select(Enum.Parse<HoleKind>(task), count, seed);
}
