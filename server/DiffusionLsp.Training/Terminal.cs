using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;
using Spectre.Console;

namespace DiffusionLsp.Training;

/// <summary>
/// The trainer's user interface: progress and notes on stderr, one sentence and exit code 1 for an error. It knows no verb.
/// </summary>
internal static class Terminal
{
    /// <summary>A Spectre console over stderr, so that stdout stays free for results.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Parses the arguments, runs the verb, and turns expected errors into one sentence.</summary>
    public static int Run(RootCommand root, IReadOnlyList<string> arguments)
    {
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (Expected(e) is { } expected)
        {
            Console.Error.WriteLine(expected.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    /// <summary>The user-facing error inside the wrappers of Parallel; null: the exception is a bug.</summary>
    private static Exception? Expected(Exception e) => e switch
    {
        AggregateException aggregate => aggregate.Flatten().InnerExceptions.Select(Expected).FirstOrDefault(inner => inner is not null),
        EngineException or NativeBackendException or IOException or UnauthorizedAccessException or OperationCanceledException => e,
        _ => null,
    };

    /// <summary>One line on stderr.</summary>
    public static void Note(string line) => Console.Error.WriteLine(line);

    /// <summary>Runs work under a progress display; a bar's value and maximum are the worker's to set.</summary>
    public static void WithProgress(Action<ProgressContext> work) => Error.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .Start(work);
}
