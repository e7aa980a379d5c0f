using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Documents for readers quote figures and hold none of their own: those of their tables stand in docs/results or in the model's card, and "measured" leads there.</summary>
public sealed partial class QuotedFiguresTests
{
    public static TheoryData<string> Documents => ["README.md", "docs/DECODING.md", "docs/PERFORMANCE.md"];

    [Theory, MemberData(nameof(Documents))]
    public void Figures_in_tables_stand_in_the_results(string document) => Assert.Empty(Unknown(Text(document), Measured()));

    [Theory, MemberData(nameof(Documents))]
    public void What_is_measured_leads_to_a_result(string document) =>
        Assert.All(MeasuredLink().Matches(Text(document)), link => Assert.Matches("(^|/)results/|models/nano/README", link.Groups[1].Value));

    [Theory]
    [InlineData("| a | 12.5 ms |\n", "")]
    [InlineData("| a | 12.6 ms |\n", "12.6")]
    [InlineData("| a | 2.5 ms |\n", "2.5")]
    [InlineData("| `--knob` | 0.35 | a number from 0.1 to 2 |\n", "")] // a default and a range, not a figure
    [InlineData("Words with 12.6 ms.\n", "")]
    public void The_rule_sees(string text, string unknown) => Assert.Equal(unknown, string.Join(' ', Unknown(text, "| 12.5 | 1,112.5 |")));

    /// <summary>Figures with a decimal point in the cells of tables, except those of settings.</summary>
    private static IEnumerable<string> Unknown(string text, string measured)
    {
        HashSet<string> known = [.. Figure().Matches(measured).Select(match => match.Value)];
        return text.Split('\n').Where(line => line.StartsWith('|') && !line.Contains("`--", StringComparison.Ordinal))
            .SelectMany(line => Figure().Matches(Code().Replace(line, "")).Select(match => match.Value)).Where(figure => !known.Contains(figure));
    }

    private static string Measured() => string.Concat(Directory.EnumerateFiles(Path.GetDirectoryName(PathOf("docs/results/decoding.md"))!, "*.md").Append(PathOf("models/nano/README.md")).Select(File.ReadAllText));

    private static string Text(string document) => File.ReadAllText(PathOf(document));

    private static string PathOf(string name, [CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", name));

    [GeneratedRegex(@"(?<![\d.,])\d+(?:,\d{3})*\.\d+(?![\d.])")]
    private static partial Regex Figure();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\[measured\]\(([^)]*)\)")]
    private static partial Regex MeasuredLink();
}
