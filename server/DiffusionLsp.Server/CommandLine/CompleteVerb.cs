using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>complete FILE:LINE:COL</c>: what an editor would show there, through the language server's pipeline.</summary>
internal static class CompleteVerb
{
    public static Command Create()
    {
        var json = OptionKinds.Switch("--json", "Print one JSON object.");
        var command = new Command("complete", "Complete a file at a cursor and show the result.") { json };
        CursorOptions options = new CursorOptions().AddTo(command);

        command.SetAction(async (parsed, cancellation) =>
        {
            (CursorArgument place, CompletionRequest request) = options.Read(parsed);
            EngineOptions engineOptions = options.Models.Engine(parsed);
            await using Stream? protectedOutput = parsed.GetValue(json) ? ProtectedStdout.Take() : null;

            CompleteResult result = await AnswerAsync(engineOptions, place, request, cancellation).ConfigureAwait(false);
            if (protectedOutput is not null) CompletePrinter.Json(result, protectedOutput);
            else CompletePrinter.Picture(result);
            return 0;
        });
        return command;
    }

    private static async Task<CompleteResult> AnswerAsync(EngineOptions options, CursorArgument place, CompletionRequest request, CancellationToken cancellation)
    {
        using LogSetup logs = LogSetup.FileOnly();
        var listeners = new Listeners(logs.Log);
        listeners.On<FinishedCompletion>(finished => logs.Log.Information("{Completion:l}", finished.Line));
        using var host = new ModelHost(InfillEngineAdapter.Load, listeners, logs.Log);
        host.Ensure(options);
        var session = new CompletionSession(host, new DocumentStore(listeners), listeners, TimeProvider.System, logs.Log);
        CompletionOutcome outcome = await session.CompleteAsync(request, cancellation).ConfigureAwait(false);
        if (outcome is Nothing { Detail: { } failure }) throw new UserException(failure);
        return new CompleteResult(place, request, outcome, host.Status.Model!);
    }
}

/// <summary>One completion on the command line, with everything that is printed about it.</summary>
internal sealed record CompleteResult(CursorArgument Place, CompletionRequest Request, CompletionOutcome Outcome, ModelSummary Model);
