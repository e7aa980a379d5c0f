using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Settings;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>Configures the log: a daily file in the log folder, kept for a week, and for the server standard error as well. Never standard output.</summary>
internal sealed class LogSetup : IDisposable
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private readonly LoggingLevelSwitch level;
    private readonly Logger logger;

    private LogSetup(LogLevel initial, Action<LoggerSinkConfiguration> more)
    {
        level = new LoggingLevelSwitch(EventLevel(initial));
        logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(level)
            .WriteTo.Async(sinks => // no answer waits for a disk
            {
                sinks.Sink(FileIn(CacheFolders.Logs));
                more(sinks);
            })
            .CreateLogger();
    }

    public ILogger Log => logger;

    /// <summary>For subcommands that print to the user themselves.</summary>
    public static LogSetup FileOnly() => new(LogLevel.Info, _ => { });

    /// <summary>For the server, whose standard error editors show.</summary>
    public static LogSetup FileAndStandardError(LogLevel initial) => new(initial, sinks =>
        sinks.Sink(StandardErrorSink.Create(new MessageTemplateTextFormatter(Template))));

    /// <summary>The log files in a folder.</summary>
    public static LogFile FileIn(string folder) => new(folder, new MessageTemplateTextFormatter(Template), TimeProvider.System);

    public void Set(LogLevel wanted) => level.MinimumLevel = EventLevel(wanted);

    public void Dispose() => logger.Dispose();

    private static LogEventLevel EventLevel(LogLevel level) => level switch
    {
        LogLevel.Trace => LogEventLevel.Verbose,
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Info => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };
}
