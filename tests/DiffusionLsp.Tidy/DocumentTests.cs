using System.Text.RegularExpressions;

namespace DiffusionLsp.Tidy;

/// <summary>Documents name files that exist.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_file_that_is_named_exists() => Report.None(
        from document in SourceTree.Files.Where(f => f.EndsWith(".md"))
        from problem in Missing(document, SourceTree.Read(document), SourceTree.Files)
        select problem);

    [Theory]
    [InlineData("See `B/C.cs`.", 0)]
    [InlineData("See `C.cs` and `a/B/C.cs`.", 0)]
    [InlineData("See `X/C.cs`.", 1)]
    [InlineData("See `D.cs`.", 1)]
    [InlineData("A word like C.cs without ticks, and a command `node a.cs b`.", 0)]
    public void The_document_rule_sees(string text, int problems) => Assert.Equal(problems, Missing("d.md", text, ["a/B/C.cs"]).Count());

    private static IEnumerable<string> Missing(string document, string text, IReadOnlyList<string> files) =>
        from name in SourceName().Matches(text).Select(m => m.Groups[1].Value).Distinct()
        where !files.Any(f => f == name || f.EndsWith("/" + name))
        select $"{document}: names {name}, and there is no such file.";

    [GeneratedRegex(@"`((?:[\w.-]+/)*[\w.-]+\.(?:cs|mjs))`")]
    private static partial Regex SourceName();
}
