using System.Globalization;
using System.Text;
using DiffusionLsp.Server.Protocol;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Writes the log to standard error as long as it is read. What does not fit into the pipe is dropped and counted, and the next
/// line that fits states how much: neither answers nor the log file wait for an editor that does not read.
/// </summary>
/// <param name="descriptor">Standard error's; null if the system cannot tell whether it accepts more.</param>
internal sealed class StandardErrorSink(ITextFormatter formatter, Stream error, int? descriptor) : ILogEventSink
{
    private const int Patience = 20; // milliseconds, for a slow reader
    private const int Piece = 512; // bytes that every pipe accepts at once if it accepts any

    private long dropped;

    public static StandardErrorSink Create(ITextFormatter formatter) =>
        OperatingSystem.IsWindows() ? new StandardErrorSink(formatter, Console.OpenStandardError(), null) : new StandardErrorSink(formatter, new StandardStream(Stream.Null, StandardError), StandardError);

    private const int StandardError = 2;

    /// <summary>Called by one thread at a time.</summary>
    public void Emit(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        formatter.Format(logEvent, text);
        if (dropped > 0 && TryWrite($"({dropped} log lines were dropped because standard error was not read){Environment.NewLine}")) dropped = 0;
        if (dropped > 0 || !TryWrite(text.ToString())) dropped++;
    }

    /// <summary>Finishes a partly written line if the reader accepts the rest soon.</summary>
    private bool TryWrite(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int patience = dropped > 0 ? 0 : Patience;
        for (int at = 0; at < bytes.Length; at += Piece)
        {
            if (descriptor is { } asked && PosixPoll.Wait(asked, PosixPoll.Writable, patience) != PosixPoll.Writable) return false;
            try
            {
                error.Write(bytes, at, Math.Min(Piece, bytes.Length - at));
            }
            catch (IOException)
            {
                return false; // it will no longer be read
            }
        }
        return true;
    }
}
