using System.Globalization;
using System.Text;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>Writes a report as Markdown, for the model card. It measures nothing.</summary>
internal static class EvaluationTable
{
    /// <summary>Names of methods.</summary>
    public const string AsServed = "as served", FileOnly = "open file only";

    private static readonly string[] Columns =
        ["language", "task", "method", "cases", "exact %", "code %", "new %", "similarity", "saved %", "p50 ms", "p95 ms", "forwards", "tokens/forward"];

    private static readonly string Notes = $"""
        **How to read it.** Trailing white space never counts. *exact*: completions that equal the original text. *code*: the same, without holes that contain only
        closing brackets or comments. *new*: the same, without holes whose lines, together with the line before, also occur in another file of the package.
        *similarity*: 100 · (1 − Levenshtein distance ÷ length of the longer text), mean over cases. *saved*: characters gained by accepting the completion word by
        word as long as it is right, as a share of all characters in the holes. *p50*, *p95*: latency of one request with a cold cache (the methods of a model take
        turns to run first; the second finds the prompt cached and is not timed). *forwards*: forward passes per completion, including the prompt's.
        *tokens/forward*: all generated tokens over all forward passes.

        **Methods.** *as served*: the default, that is the network and the n-gram cache over the open file and, for single lines, the other files of
        the package: up to 4 MB, 300 KB each, without files that share more than half of the open file's distinct lines; in their final state, which is
        optimistic. *open file only*: the same without the other files. *network alone*: without the n-gram cache.
        Where these are decoded by drafts (decoder auto), their text is the autoregressive one, token for token. *autoregressive*: the network
        alone, one token per forward from left to right. *n-gram of the file*: the longest match of the last tokens, up to 7, anywhere in the same
        file decides the next token; it sees the whole file, whereas the network sees only its context. Every completion is cut after the maximum number of
        lines of its task (refilling: not cut) and where it begins to repeat the text after the hole; inside a line, where it begins to
        repeat the rest of the line.

        **Cases.** {CaseSelector.Filter}
        """;

    public static string Markdown(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Model}: {report.Parameters / 1e6:F1} M parameters, {report.Decoder}, {report.ContextTokens} tokens of context, ");
        text.Append(CultureInfo.InvariantCulture, $"{report.Device}, {report.Workers} engines side by side with {report.Threads} CPU {(report.Threads == 1 ? "thread" : "threads")} each, seed {report.Seed}, {report.Minutes:F1} minutes.\n\n");
        if (report.Note is { } note) text.Append(note).Append("\n\n");
        AppendRow(text, Columns);
        AppendRow(text, Columns.Select((_, i) => i < 3 ? "---" : "---:"));
        foreach (EvaluationRow row in report.Rows) AppendRow(text, Cells(row));
        AppendGains(text, report.Gains);
        text.Append('\n').Append(Notes.ReplaceLineEndings("\n")).Append('\n');
        return text.ToString();
    }

    private static void AppendGains(StringBuilder text, IReadOnlyList<PairedGain> gains)
    {
        if (gains.Count == 0) return;
        text.Append("\nWhat the other files add to the open file, in points of exact match on the same cases (95 % bootstrap interval over packages):\n\n");
        AppendRow(text, ["language", "task", "points", "from", "to"]);
        AppendRow(text, ["---", "---", "---:", "---:", "---:"]);
        foreach (PairedGain gain in gains) AppendRow(text, [gain.Language, gain.Task, Signed(gain.Points), Signed(gain.Low), Signed(gain.High)]);
    }

    private static string Signed(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static IEnumerable<string> Cells(EvaluationRow r) =>
    [
        r.Language, r.Task, r.Method, r.Cases.ToString(CultureInfo.InvariantCulture), Number(r.Exact, 1), $"{Number(r.CodeExact, 1)} ({r.CodeCases})", $"{Number(r.NewExact, 1)} ({r.Cases - r.Clones})",
        Number(r.Similarity, 1), Number(r.Saved, 1), Number(r.MillisecondsP50, r.MillisecondsP50 < 10 ? 1 : 0), Number(r.MillisecondsP95, r.MillisecondsP95 < 10 ? 1 : 0),
        r.Forwards == 0 ? "–" : Number(r.Forwards, 1), r.Forwards == 0 ? "–" : Number(r.TokensPerForward, 2),
    ];

    private static string Number(double value, int digits) => double.IsNaN(value) ? "–" : value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
