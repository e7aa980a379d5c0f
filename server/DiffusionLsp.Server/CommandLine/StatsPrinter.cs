using System.Globalization;
using DiffusionLsp.Server.Metrics;
using Spectre.Console;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Prints a summary of the metrics on a terminal: a table of latencies, and bars. It computes nothing.</summary>
internal static class StatsPrinter
{
    private const int MostReasons = 8;
    private const int BarWidth = 60, CurveWidth = 20;

    public static void Print(MetricsSummary summary, string folder, IAnsiConsole console)
    {
        foreach (string file in summary.UnreadableFiles) console.WriteLine($"Unreadable file, not counted: {file}.");
        if (summary.ReliabilityProblem is { } problem) console.WriteLine(problem);
        if (summary.TornLines > 0) console.WriteLine(Number($"Unreadable lines, not counted: {summary.TornLines}."));
        if (summary.Answers == 0)
        {
            Reliability(summary.Reliability, console);
            console.WriteLine($"There are no metrics for the last {summary.Days} days; their folder is {folder}.");
            return;
        }
        console.WriteLine(Number($"{summary.Answers} requests in {summary.Days} days, {summary.Offered} with a suggestion."));
        if (summary.Paths.Count > 0) console.Write(Latencies(summary));
        console.Write(Bars("Outcome of suggestions",
            [new("shown", summary.Shown), new("accepted", summary.Accepted), new("partially", summary.PartiallyAccepted), new("typed", summary.Typed), new("dismissed", summary.Dismissed)]));
        console.WriteLine(Number($"Accepted: {Percent(summary.AcceptanceRate)} of those shown, {summary.AcceptedCharacters} characters{Kept(summary)}."));
        Reliability(summary.Reliability, console);
        if (summary.Reasons.Count > 0) console.Write(Bars("Why there was no suggestion", [.. summary.Reasons.Take(MostReasons)]));
        if (summary.PerDay.Count > 0) console.Write(Bars("Accepted per day", summary.PerDay));
        console.WriteLine($"From {folder}; none of it has left this machine.");
    }

    private static string Kept(MetricsSummary summary) => summary.KeptShare is null ? "" : $"; {Percent(summary.KeptShare)} still there after 30 s";

    private static Table Latencies(MetricsSummary summary)
    {
        Table table = new Table().Border(TableBorder.Minimal).AddColumn("answered by");
        foreach (string column in new[] { "offers", "p50 ms", "p95 ms", "p99 ms" }) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (PathRow row in summary.Paths)
            table.AddRow(row.Path, Number($"{row.Count}"), Number($"{row.P50:0.0}"), Number($"{row.P95:0.0}"), Number($"{row.P99:0.0}"));
        return table;
    }

    /// <summary>Expected against actual retention; a bar for kept suggestions, with a mark at the model's expectation.</summary>
    private static void Reliability(IReadOnlyList<ReliabilityRow> rows, IAnsiConsole console)
    {
        if (rows.Count == 0) return;
        Table table = new Table().Border(TableBorder.Minimal).AddColumn("how sure");
        foreach (string column in new[] { "shown", "kept", "expected", "kept %" }) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("kept ■, expected │");
        foreach (ReliabilityRow row in rows)
            table.AddRow(Number($"{100 * row.From:0}–{100 * row.To:0} %"), Number($"{row.Shown}"), Number($"{row.Kept}"), Percent(row.Predicted), Percent(row.Share), Curve(row));
        console.Write(table);
        int shown = rows.Sum(r => r.Shown);
        console.WriteLine(Number($"Learned from {shown} suggestions; once a model has {LearnedThresholds.Enough}, they adjust what is shown. diffusion-lsp stats --reset discards them."));
    }

    private static string Curve(ReliabilityRow row)
    {
        int kept = (int)Math.Round(row.Share * CurveWidth), expected = Math.Min(CurveWidth - 1, (int)Math.Round(row.Predicted * CurveWidth));
        return string.Concat(Enumerable.Range(0, CurveWidth).Select(i => i == expected ? '│' : i < kept ? '■' : ' ')).TrimEnd();
    }

    private static BarChart Bars(string title, IReadOnlyList<CountRow> rows)
    {
        BarChart chart = new BarChart().Width(BarWidth).Label(title).LeftAlignLabel();
        foreach (CountRow row in rows) chart.AddItem(Markup.Escape(row.Name), row.Count, Color.Green);
        return chart;
    }

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Percent(double? share) => share is { } known ? Number($"{known * 100:0} %") : "none";
}
