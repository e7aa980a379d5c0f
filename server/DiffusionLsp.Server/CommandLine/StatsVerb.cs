using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Server.Metrics;
using Spectre.Console;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>stats</c>: the metrics that the server recorded on this machine: latency, and what was shown and kept.</summary>
internal static class StatsVerb
{
    private const int DefaultDays = 30;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        var days = OptionKinds.Integer("--days", $"Number of days to include; {DefaultDays} by default.", 1, 366);
        var folder = OptionKinds.Path("--folder", "Folder of the metrics files; by default your data folder.", "DIR");
        var json = OptionKinds.Switch("--json", "Print one JSON object.");
        var reset = OptionKinds.Switch("--reset", "Discard what was learned from the suggestions that you kept; other figures remain.");
        var command = new Command("stats", "Show metrics recorded on this machine; they never leave it.") { days, folder, json, reset };
        command.SetAction(parsed =>
        {
            int span = parsed.GetValue(days) ?? DefaultDays;
            MetricsFolder metrics = parsed.GetValue(folder) is { } named ? new MetricsFolder(named) : MetricsFolder.Default;
            if (parsed.GetValue(reset)) return Reset(metrics.Acceptance);
            MetricsSummary summary = MetricsSummary.Of(metrics, TimeProvider.System.GetUtcNow().AddDays(-span), span);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(summary, Indented));
            else StatsPrinter.Print(summary, metrics.Path, AnsiConsole.Console);
            return 0;
        });
        return command;
    }

    private static int Reset(AcceptanceFile learned)
    {
        if (learned.Delete() is { } problem) throw new UserException(problem);
        Console.WriteLine("What was learned from the suggestions that you kept has been discarded; a running server starts again with its next suggestion.");
        return 0;
    }
}
