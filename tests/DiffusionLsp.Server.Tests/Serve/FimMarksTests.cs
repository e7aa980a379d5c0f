using DiffusionLsp.Engine;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>Prompts with FIM markers parse back into the same texts, whatever these contain.</summary>
public sealed class FimMarksTests
{
    public static TheoryData<string> Families => [.. FimMarks.All.Select(row => row.Family)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Random_texts_are_read_as_they_were_written(string family)
    {
        FimMarks row = FimMarks.All.Single(r => r.Family == family);
        string[] marks = [.. FimMarks.All.SelectMany(r => new[] { r.Prefix, r.Suffix, r.Middle, r.File ?? "" }).Where(m => m.Length > 0)];
        var random = new Random(7);
        int written = 0;
        for (int i = 0; i < 3000; i++)
        {
            var hole = new MarkedHole(Text(random, marks), Text(random, marks)) { Path = random.Next(2) == 0 ? null : "src/a b.py" };
            if (row.Write(hole) is not { } prompt) continue;
            written++;
            MarkedHole read = FimMarks.Read(prompt)!;
            Assert.Equal((hole.Prefix, hole.Suffix), (read.Prefix, read.Suffix));
            Assert.Equal(row.File is null ? null : hole.Path, read.Path);
        }
        Assert.InRange(written, 500, 2999); // some can be written, and some cannot
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Texts_without_marks_are_always_written(string family)
    {
        var hole = new MarkedHole("def f(a):\n    return ", "\n\nprint(f(1))\n") { Path = "src/f.py" };
        Assert.NotNull(FimMarks.All.Single(r => r.Family == family).Write(hole));
    }

    [Theory]
    [InlineData("<|repo_name|>r\n<|file_sep|>a.py\nx = 1\n<|file_sep|>b.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>", "b.py", "a.py", "x = 1")]
    [InlineData("[SUFFIX]S[PREFIX]+++++ a.py\nx = 1\n\n+++++ b.py\nP", "b.py", "a.py", "x = 1\n")]
    [InlineData("<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>", null, null, null)]
    [InlineData("<PRE> P <SUF>S <MID>", null, null, null)]
    public void A_prompt_of_a_client_is_understood(string prompt, string? path, string? other, string? text)
    {
        MarkedHole hole = FimMarks.Read(prompt)!;
        Assert.Equal(("P", "S", path), (hole.Prefix, hole.Suffix, hole.Path));
        Assert.Equal(other is null ? [] : [new RelatedText(other, text!)], hole.Related);
    }

    [Fact]
    public void Plain_text_holds_no_hole() => Assert.Null(FimMarks.Read("if (a < b) x[0] = 1; // <fim_prefix> alone"));

    private static string Text(Random random, string[] marks) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(12) switch
    {
        0 => marks[random.Next(marks.Length)],
        1 => marks[random.Next(marks.Length)][..^1],
        2 => "\n",
        3 => "<",
        _ => "x = [1]",
    }));
}
