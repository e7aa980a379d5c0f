using System.Globalization;
using System.Text;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Writes a report as Markdown, for the terminal and for documents. It measures nothing.</summary>
internal static class DecodingTable
{
    private static readonly string[] Columns =
        ["method", "forwards", "tokens/forward", "tokens/s", "× vanilla", "× time", "= vanilla %", "exact % (95 %)", "exact − vanilla (95 %)", "similarity"];

    private const string Notes = """
        *forwards*: forward passes per completion, including the prompt's. *tokens/forward*, *tokens/s*: tokens of the text before its end, over forward passes and over the
        time for prompt and decode with a cold cache. *× vanilla*: tokens/s relative to vanilla's in the same run on the same cases. *× time*: vanilla's time over the method's,
        median over these cases. *= vanilla*: completions identical to vanilla's. *exact*: completions equal to the original text except for trailing white space,
        with Wilson's interval. *exact − vanilla*: the difference in points, with the interval for paired cases. *similarity*: 100 · (1 − Levenshtein distance ÷ length of
        the longer text).
        """;

    /// <summary>Every setting, first all languages together, then each; and what the columns mean.</summary>
    public static string Markdown(DecodingReport report) => $"{Tables(report)}\n{Notes.ReplaceLineEndings("\n")}\n";

    /// <summary>The same without the meaning of the columns.</summary>
    public static string Tables(DecodingReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Model}: {(report.Weights is { } weights ? $"weights `{weights[..12]}…`, " : "")}{report.Parameters / 1e6:F1} M parameters, {report.Device}, {report.DataType}, {report.Threads} {(report.Threads == 1 ? "thread" : "threads")}, ");
        text.Append(CultureInfo.InvariantCulture, $"{report.Cases} held-out cases, seed {report.Seed}, {report.Date}{(report.Sittings > 1 ? $", in {report.Sittings} sittings" : "")}.\n");
        if (report.Note is { } note) text.Append('\n').Append(note).Append('\n');
        foreach (SettingReport setting in report.Settings) Append(text, setting);
        return text.ToString();
    }

    private static void Append(StringBuilder text, SettingReport setting)
    {
        DecodingRow[] all = [.. setting.Rows.Where(r => r.Language == DecodingRow.AllLanguages)];
        text.Append(CultureInfo.InvariantCulture, $"\n### {setting.Setting}: {all[0].Cases} cases, speeds on {setting.TimedCases} of them\n\n");
        Row(text, Columns);
        Row(text, Columns.Select((_, i) => i == 0 ? "---" : "---:"));
        foreach (DecodingRow row in all) Row(text, Cells(row));
        if (setting.CacheChecked > 0)
            text.Append(CultureInfo.InvariantCulture, $"\nWith and without the cache: {setting.CacheDiffers} of {setting.CacheChecked} texts differ.\n");
        Append(text, setting.Matched);
        Languages(text, setting);
    }

    private static void Append(StringBuilder text, IReadOnlyList<MatchedControl> matched)
    {
        if (matched.Count == 0) return;
        string[] columns = ["method", "forwards", "= vanilla %", "cheapest control that agrees as often", "its forwards", "its = vanilla %", "fewer forwards %"];
        text.Append('\n');
        Row(text, columns);
        Row(text, columns.Select((_, i) => i is 0 or 3 ? "---" : "---:"));
        foreach (MatchedControl m in matched)
            Row(text, [m.Method, Number(m.Forwards, 1), Number(m.SameAsVanilla, 1), m.Control ?? "none", Number(m.ControlForwards, 1), Number(m.ControlSameAsVanilla, 1), Number(m.Fewer, 1)]);
    }

    /// <summary>The most important figures by language and method; the JSON has all others.</summary>
    private static void Languages(StringBuilder text, SettingReport setting)
    {
        var languages = setting.Rows.Where(r => r.Language != DecodingRow.AllLanguages).GroupBy(r => r.Language).ToArray();
        if (languages.Length == 0) return;
        text.Append("\nPer language: forwards; × vanilla; = vanilla %; exact %; similarity\n\n");
        Row(text, ["method", .. languages.Select(l => $"{l.Key} ({l.First().Cases}, timed {l.First().TimedCases})")]);
        Row(text, ["---", .. languages.Select(_ => "---:")]);
        foreach (string method in languages[0].Select(r => r.Method))
            Row(text, [method, .. languages.Select(l => l.First(r => r.Method == method)).Select(r =>
                $"{Number(r.Forwards, 1)}; {Number(r.Ratio, 1)}; {Number(r.SameAsVanilla.Value, 0)}; {Number(r.Exact.Value, 0)}; {Number(r.Similarity, 1)}")]);
    }

    private static IEnumerable<string> Cells(DecodingRow r) =>
    [
        r.Method, Number(r.Forwards, 1), Number(r.TokensPerForward, 2), Number(r.TokensPerSecond, 1), Number(r.Ratio, 2), Number(r.Speedup, 2), Number(r.SameAsVanilla.Value, 1),
        $"{Number(r.Exact.Value, 1)} ({Number(r.Exact.Low, 1)}–{Number(r.Exact.High, 1)})",
        $"{Signed(r.ExactDifference.Value)} ({Signed(r.ExactDifference.Low)} to {Signed(r.ExactDifference.High)})", Number(r.Similarity, 1),
    ];

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|"))).Append(" |\n");

    private static string Number(double value, int digits) => double.IsNaN(value) ? "–" : value.ToString("F" + digits, CultureInfo.InvariantCulture);

    private static string Signed(double value) => double.IsNaN(value) ? "–" : value.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);
}
