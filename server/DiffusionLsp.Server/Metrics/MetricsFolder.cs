using System.Globalization;
using System.Text;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Native;
using Microsoft.Win32.SafeHandles;
using Serilog;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// The metrics files: one per month in the user's data folder, as JSON lines, for the last six months. Several servers may append at the
/// same time. It does not interpret the lines.
/// </summary>
internal sealed class MetricsFolder(string folder)
{
    private const int MonthsKept = 6;
    private const int LongestLine = 1 << 16;
    private const string Pattern = "metrics-????-??.jsonl";

    /// <summary><c>$XDG_DATA_HOME/diffusion-lsp</c>, <c>~/.local/share/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static MetricsFolder Default { get; } = new(CacheFolders.Data);

    public string Path => folder;

    /// <summary>The outcomes of suggestions by confidence, beside the metrics.</summary>
    public AcceptanceFile Acceptance { get; } = new(folder);

    /// <summary>Appends one event. A failure loses the event, never a completion.</summary>
    public void Append(MetricsEvent metric, ILogger log)
    {
        if (Write(metric.At, metric.ToJson()) is { } problem) log.Warning("the metrics could not be written ({Problem:l})", problem);
    }

    /// <summary>Why events cannot be appended now, as a clause without a full stop; null: they can. It appends an empty line, which is ignored.</summary>
    public string? Problem(DateTimeOffset now) => WritableFolder.Problem(folder) ?? Write(now, "");

    /// <summary>All events since a time, oldest first, and what could not be read.</summary>
    public MetricsLines Read(DateTimeOffset since)
    {
        var read = new MetricsLines();
        foreach (string file in Files()) Read(file, since, read);
        return read;
    }

    private string? Write(DateTimeOffset at, string line)
    {
        string file = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"metrics-{at.UtcDateTime:yyyy-MM}.jsonl"));
        try
        {
            if (!File.Exists(file)) Begin();
            AppendedFile.Append(file, line + "\n");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file}: {e.Message.TrimEnd('.')}";
        }
    }

    private IEnumerable<string> Files() =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, Pattern).Order(StringComparer.Ordinal) : [];

    private void Begin()
    {
        Directory.CreateDirectory(folder);
        foreach (string old in Files().SkipLast(MonthsKept - 1)) File.Delete(old);
    }

    private static void Read(string file, DateTimeOffset since, MetricsLines to)
    {
        try
        {
            using SafeFileHandle content = RegularFile.Open(file);
            using var stream = new FileStream(content, FileAccess.Read);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            foreach (string line in Lines(reader)) to.Add(line, since);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            to.Unreadable.Add($"{file}: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Like <see cref="File.ReadLines(string)"/>, but truncates lines that are too long to be events.</summary>
    private static IEnumerable<string> Lines(StreamReader reader)
    {
        var line = new StringBuilder();
        for (int next = reader.Read(); next >= 0; next = reader.Read())
        {
            if (next == '\n')
            {
                yield return line.ToString();
                line.Clear();
            }
            else if (line.Length < LongestLine)
            {
                line.Append((char)next);
            }
        }
        yield return line.ToString();
    }
}

/// <summary>The contents of metrics files.</summary>
internal sealed class MetricsLines
{
    /// <summary>The events, oldest first.</summary>
    public List<MetricsEvent> Events { get; } = [];

    /// <summary>Number of lines that are not events, such as those truncated by a full disk.</summary>
    public int Torn { get; private set; }

    /// <summary>Files that cannot be read, with the reason, as clauses without a full stop.</summary>
    public List<string> Unreadable { get; } = [];

    public void Add(string line, DateTimeOffset since)
    {
        if (line.AsSpan().Trim().IsEmpty) return;
        // After a truncated line, the next event continues on the same line.
        int begin = Math.Max(0, line.LastIndexOf(MetricsEvent.Beginning, StringComparison.Ordinal));
        MetricsEvent? metric = MetricsEvent.FromJson(line[begin..]);
        if (begin > 0 || metric is null) Torn++;
        if (metric is not null && metric.At >= since) Events.Add(metric);
    }
}
