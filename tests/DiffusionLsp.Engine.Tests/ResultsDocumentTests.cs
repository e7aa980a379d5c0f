using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Every measured table in the documents names the weights that shipped, unless it is marked as superseded. The dated notebook is exempt.</summary>
public sealed partial class ResultsDocumentTests
{
    private const int Head = 900; // characters in which a result says what it is of

    public static TheoryData<string> Results => [.. Directory.EnumerateFiles(Folder("docs", "results"), "*.md").Select(path => Path.GetFileName(path))];

    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Folder("docs"), "*.md").Select(path => Path.GetFileName(path))];

    [Theory, MemberData(nameof(Results))]
    public void A_result_says_at_its_head_with_what_command_when_and_on_which_weights(string name)
    {
        string head = File.ReadAllText(Path.Combine(Folder("docs", "results"), name));
        head = head[..Math.Min(Head, head.Length)];
        Assert.Matches(Command(), head);
        Assert.Matches(Date(), head);
        Assert.True(Fingerprint().IsMatch(head) || head.Contains("random weights", StringComparison.Ordinal), $"docs/results/{name} names no weights at its head; write them as weights `65199c7c833c…`, or random weights.");
        Assert.Null(Problem(head));
    }

    [Theory, MemberData(nameof(Documents))]
    public void A_document_shows_no_figures_of_other_weights(string name) => Assert.Null(Problem(File.ReadAllText(Path.Combine(Folder("docs"), name))));

    [Theory]
    [InlineData("weights `000000000000…`", true)]
    [InlineData("weights `000000000000…`, superseded", false)]
    [InlineData("no weights at all", false)]
    public void Other_weights_are_seen(string text, bool isProblem) => Assert.Equal(isProblem, Problem(text) is not null);

    private static string? Problem(string text)
    {
        string shipped = ModelFingerprint.Of(EmbeddedModel.FolderOr(null));
        if (text.Contains("superseded", StringComparison.OrdinalIgnoreCase)) return null;
        return Fingerprint().Matches(text).Select(match => match.Groups[1].Value).FirstOrDefault(weights => !shipped.StartsWith(weights, StringComparison.Ordinal));
    }

    private static string Folder(params string[] parts) => FolderFrom(parts);

    private static string FolderFrom(string[] parts, [CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine([Path.GetDirectoryName(thisFile)!, "..", "..", .. parts]));

    [GeneratedRegex(@"weights\s+`([0-9a-f]{12})")]
    private static partial Regex Fingerprint();

    [GeneratedRegex("`(npm run|diffusion-lsp|node) |^npm run", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"20\d\d-\d\d-\d\d")]
    private static partial Regex Date();
}
