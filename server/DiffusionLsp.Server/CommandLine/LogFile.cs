using System.Globalization;
using DiffusionLsp.Engine.Files;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Daily log files of a folder, kept a week; several processes write to the same. A line that the disk does not take is
/// dropped: no command fails for its log. It does not know what is worth logging.
/// </summary>
/// <remarks>Serilog's own file sink waits for ever on a FIFO, throws at the end when the disk is full, and needs a folder for a mutex to be shared.</remarks>
internal sealed class LogFile(string folder, ITextFormatter format, TimeProvider time) : ILogEventSink
{
    private const long LargestFile = 10 << 20;
    private const int FilesKept = 7;
    private const int MostPerDay = 1_000;
    private const string Prefix = "diffusion-lsp-", Extension = ".log";

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        format.Format(logEvent, line);
        _ = Write(line.ToString());
    }

    /// <summary>Why no line can be written now, in words without a full stop; null: one can. It writes one.</summary>
    public string? Problem() =>
        WritableFolder.Problem(folder) ?? Write(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():yyyy-MM-dd HH:mm:ss.fff} INF this line was written to see whether it can be\n"));

    /// <summary>Adds lines to today's file.</summary>
    /// <returns>Why that failed, in words without a full stop; null: it did not.</returns>
    public string? Write(string lines)
    {
        string file = Current();
        try
        {
            bool isNew = !File.Exists(file);
            if (isNew) Directory.CreateDirectory(folder);
            AppendedFile.Append(file, lines);
            if (isNew) DeleteOld();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file}: {e.Message.TrimEnd('.')}";
        }
    }

    /// <summary>Today's file, or the next one of today when that is full.</summary>
    private string Current()
    {
        string day = Prefix + time.GetLocalNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        for (int i = 0; ; i++)
        {
            var file = new FileInfo(Path.Combine(folder, i == 0 ? day + Extension : string.Create(CultureInfo.InvariantCulture, $"{day}_{i:000}{Extension}")));
            if (!file.Exists || file.Length < LargestFile || i == MostPerDay) return file.FullName;
        }
    }

    private void DeleteOld()
    {
        foreach (string old in Directory.EnumerateFiles(folder, $"{Prefix}????????*{Extension}").OrderDescending(StringComparer.Ordinal).Skip(FilesKept)) File.Delete(old);
    }
}
