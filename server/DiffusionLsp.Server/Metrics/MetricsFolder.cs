using System.Globalization;
using Serilog;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// The metrics files: one per month in the user's data folder, JSON lines, the last six months. Several servers may append
/// at once. It does not know what the lines mean.
/// </summary>
internal sealed class MetricsFolder(string folder)
{
    private const int MonthsKept = 6;
    private const string Pattern = "metrics-????-??.jsonl";

    /// <summary><c>$XDG_DATA_HOME/diffusion-lsp</c>, <c>~/.local/share/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static MetricsFolder Default { get; } = new(System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "diffusion-lsp"));

    public string Path => folder;

    /// <summary>Appends one event. A disk that does not take it costs the event, never a completion.</summary>
    public void Append(MetricsEvent metric, ILogger log)
    {
        try
        {
            string file = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"metrics-{metric.At.UtcDateTime:yyyy-MM}.jsonl"));
            if (!File.Exists(file)) Begin(file);
            File.AppendAllText(file, metric.ToJson() + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warning("the metrics could not be written ({Problem})", e.Message);
        }
    }

    /// <summary>All events since a time, oldest first.</summary>
    public IEnumerable<MetricsEvent> Read(DateTimeOffset since) =>
        from file in Files()
        from line in File.ReadLines(file)
        let metric = MetricsEvent.FromJson(line)
        where metric is not null && metric.At >= since
        select metric;

    private IEnumerable<string> Files() =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal) : [];

    private void Begin(string file)
    {
        Directory.CreateDirectory(folder);
        foreach (string old in Files().SkipLast(MonthsKept - 1)) File.Delete(old);
        File.AppendAllText(file, "");
    }
}
