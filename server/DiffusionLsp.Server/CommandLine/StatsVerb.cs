using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Server.Metrics;
using Spectre.Console;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>stats</c>: what the server counted on this machine: how fast it answered, what was shown and what was kept.</summary>
internal static class StatsVerb
{
    private const int DefaultDays = 30;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        var days = OptionKinds.Integer("--days", $"How many days back; {DefaultDays} by default.", 1, 366);
        var folder = OptionKinds.Path("--folder", "Where the metrics files are; by default your data folder.", "DIR");
        var json = OptionKinds.Switch("--json", "Print one JSON object.");
        var reset = OptionKinds.Switch("--reset", "Forget what was learned from the suggestions that you kept; the other figures stay.");
        var command = new Command("stats", "Show what was counted on this machine; it never left it.") { days, folder, json, reset };
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
        Console.WriteLine("What was learned from the suggestions that you kept is forgotten; a server that runs begins anew with the next suggestion that ends.");
        return 0;
    }
}
