using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Tracing;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>trace FILE:LINE:COL --html FILE</c>: a page that shows how the model fills the hole there, through the language server's pipeline.</summary>
internal static class TraceVerb
{
    public static Command Create()
    {
        var html = OptionKinds.Path("--html", "Output file of the page, which is self-contained.", "FILE");
        html.Required = true;
        var command = new Command("trace", "Show how a completion is decoded, step by step.") { html };
        CursorOptions options = new CursorOptions().AddTo(command);

        command.SetAction(async (parsed, cancellation) =>
        {
            (_, CompletionRequest request) = options.Read(parsed);
            EngineOptions engineOptions = options.Models.Engine(parsed);
            using LogSetup logs = LogSetup.FileOnly();
            using ICompletionEngine engine = await Task.Run(() => InfillEngineAdapter.Load(engineOptions), cancellation).ConfigureAwait(false);
            TraceOutcome outcome = await CompletionTracer.TraceAsync(engine, request, logs.Log, cancellation).ConfigureAwait(false);
            string path = parsed.GetRequiredValue(html)!;
            await WriteAsync(path, outcome.Html ?? throw new UserException(outcome.Problem!), cancellation).ConfigureAwait(false);
            Console.WriteLine($"{path}: {outcome.Trace!.Steps.Count} steps, {outcome.Trace.Result.Forwards} forwards, {outcome.Trace.Result.Tokens} tokens.");
            return 0;
        });
        return command;
    }

    private static async Task WriteAsync(string path, string html, CancellationToken cancellation)
    {
        try
        {
            await File.WriteAllTextAsync(path, html, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The page cannot be written to '{path}' ({e.Message.TrimEnd('.')}); name a file in an existing folder with free space.");
        }
    }
}
