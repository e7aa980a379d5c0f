using System.Text.RegularExpressions;

namespace DiffusionLsp.Tidy;

/// <summary>Links between the documents lead to files and headings that exist.</summary>
public sealed partial class DocumentLinksTests
{
    [Fact]
    public void Every_relative_link_leads_somewhere() => Report.None(SourceTree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)).SelectMany(file => Broken(file, SourceTree.Read(file))));

    [Theory]
    [InlineData("[a](docs/STYLE.md) [b](docs/STYLE.md#style) ![c](docs/images/start.png) [d](#title) [e](https://example.org/x)\n# Title", 0)]
    [InlineData("[a](docs/NOTHING.md)", 1)]
    [InlineData("[a](docs/STYLE.md#no-such-heading) [b](#nor-here)", 2)]
    public void The_rule_sees(string text, int problems) => Assert.Equal(problems, Broken("README.md", text).Count());

    private static IEnumerable<string> Broken(string file, string text) =>
        from link in Link().Matches(text)
        let path = link.Groups[1].Value
        where !path.Contains("://", StringComparison.Ordinal) && !path.StartsWith("mailto:", StringComparison.Ordinal)
        let target = path.Length == 0 ? file : Path.GetRelativePath(SourceTree.FullPath(""), Path.GetFullPath(Path.Combine(SourceTree.FullPath(""), Path.GetDirectoryName(file)!, path)))
        let heading = link.Groups[2].Value
        where !Path.Exists(SourceTree.FullPath(target)) || (heading.Length > 0 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target == file ? text : File.ReadAllText(SourceTree.FullPath(target))).Contains(heading))
        select $"{file}: the link to '{link.Groups[0].Value[2..^1]}' leads nowhere.";

    /// <summary>Anchors as forges generate them from headings.</summary>
    private static HashSet<string> Anchors(string text) => [.. Heading().Matches(text).Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NotInAnchors();
}
