using System.Collections.Concurrent;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace DiffusionLsp.Server.Tests;

/// <summary>A log whose lines a test can read.</summary>
internal sealed class CollectedLog : ILogEventSink
{
    private readonly ConcurrentQueue<LogEvent> lines = new();

    public IReadOnlyList<LogEvent> Lines => [.. lines];

    public void Emit(LogEvent logEvent) => lines.Enqueue(logEvent);

    public Logger Create() => new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(this).CreateLogger();
}
