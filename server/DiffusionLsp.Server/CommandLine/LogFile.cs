using System.Globalization;
using DiffusionLsp.Engine.Files;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Daily log files in a folder, kept for a week; several processes write to the same file. A line that cannot be written is
/// dropped: no command fails because of its log. It does not know what is worth logging.
/// </summary>
/// <remarks>Serilog's own file sink blocks forever on a FIFO, throws at the end if the disk is full, and needs a folder for a mutex in order to share files.</remarks>
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

    /// <summary>Why no line can be written at present, as a clause without a full stop; null: it can. Writes a line.</summary>
    public string? Problem() =>
        WritableFolder.Problem(folder) ?? Write(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():yyyy-MM-dd HH:mm:ss.fff} INF checking that the log is writable\n"));

    /// <summary>Appends lines to today's file.</summary>
    /// <returns>Why that failed, as a clause without a full stop; null: it succeeded.</returns>
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

    /// <summary>Today's file, or today's next one if that is full.</summary>
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
