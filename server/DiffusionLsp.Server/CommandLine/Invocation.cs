using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Runs a command line and turns every error into one sentence on standard error and an exit code: 1 for failures, 2 for
/// invalid arguments, 130 after Ctrl-C. It knows no subcommand.
/// </summary>
internal static class Invocation
{
    private const int Failure = 1;
    private const int Usage = 2;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction) return Refuse(parsed);
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
            if (parsed.CommandResult.Command is LongEndingCommand { Patience: var patience }) configuration.ProcessTerminationTimeout = patience;
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e)
        {
            if (!IsExpected(e))
            {
                using LogSetup logs = LogSetup.FileOnly();
                logs.Log.Error(e, "the command failed");
            }
            await Console.Error.WriteLineAsync(Sentence(e)).ConfigureAwait(false);
            return Failure;
        }
    }

    private static int Refuse(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? "diffusion-lsp" : $"diffusion-lsp {command.Name}";
        Console.Error.WriteLine(FirstError(parsed).TrimEnd('.') + $"; run `{name} --help`.");
        return Usage;
    }

    private static string FirstError(ParseResult parsed) => parsed.UnmatchedTokens is [var token, ..]
        ? $"'{token}' is not a known argument here"
        : parsed.Errors[0].Message.ReplaceLineEndings(" ");

    private static bool IsExpected(Exception exception) =>
        exception is UserException or EngineException or NativeBackendException or IOException or UnauthorizedAccessException;

    private static string Sentence(Exception exception) =>
        exception is UserException ? exception.Message.ReplaceLineEndings(" ") : FailureText.Sentence(exception);
}
