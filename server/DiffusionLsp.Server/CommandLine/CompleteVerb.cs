using System.CommandLine;
using System.CommandLine.Parsing;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>complete FILE:LINE:COL</c>: what an editor would show there, through the same pipeline as the language server's.</summary>
internal static class CompleteVerb
{
    public static Command Create()
    {
        var cursor = new Argument<string>("FILE:LINE:COL") { Description = "Where the cursor stands; line and column count from 1." };
        var json = OptionKinds.Switch("--json", "Print one JSON object.");
        var single = OptionKinds.Switch("--single-line", "Complete only the cursor's line.");
        var multi = OptionKinds.Switch("--multi-line", "Complete several lines, wherever the cursor stands.");
        var command = new Command("complete", "Complete a file at a cursor and show the result.") { cursor, json, single, multi };
        ModelOptions models = new ModelOptions().AddTo(command);
        DecoderOptions decoder = new DecoderOptions().AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(single) && result.GetValue(multi)) result.AddError("Use only one of --single-line and --multi-line");
        });

        command.SetAction(async (parsed, cancellation) =>
        {
            CursorArgument place = CursorArgument.Parse(parsed.GetRequiredValue(cursor));
            (TextDocument document, int offset) = place.Open();
            EngineOptions engineOptions = models.Engine(parsed);
            await using Stream? protectedOutput = parsed.GetValue(json) ? ProtectedStdout.Take() : null;
            CompletionRequest request = Request(document, offset, parsed.GetValue(single) ? true : parsed.GetValue(multi) ? false : null, place.File);
            bool oneLine = LinePolicy.IsSingleLine(request);
            int length = oneLine ? request.Settings.MaxTokensSingleLine : request.Settings.MaxTokensMultiLine;
            request = request with { SingleLine = oneLine, Decode = decoder.Decode(parsed, length).Validated() };

            CompleteResult result = await AnswerAsync(engineOptions, place, request, cancellation).ConfigureAwait(false);
            if (protectedOutput is not null) CompletePrinter.Json(result, protectedOutput);
            else CompletePrinter.Picture(result);
            return 0;
        });
        return command;
    }

    /// <summary>A wish at a place of a file, as people make it on the command line.</summary>
    internal static CompletionRequest Request(TextDocument document, int offset, bool? singleLine, string file) => new()
    {
        Document = document,
        Offset = offset,
        Trigger = CompletionTrigger.Invoked,
        Source = CompletionSource.CommandLine,
        Settings = new ServerSettings { MaxFileKilobytes = int.MaxValue },
        SingleLine = singleLine,
        Path = Path.IsPathRooted(file) || file.Contains("..") ? Path.GetFileName(file) : file.Replace('\\', '/'),
    };

    private static async Task<CompleteResult> AnswerAsync(EngineOptions options, CursorArgument place, CompletionRequest request, CancellationToken cancellation)
    {
        using LogSetup logs = LogSetup.FileOnly();
        using var host = new ModelHost(InfillEngineAdapter.Load, logs.Log);
        host.Ensure(options);
        var session = new CompletionSession(host, new DocumentStore(), TimeProvider.System, logs.Log);
        CompletionOutcome outcome = await session.CompleteAsync(request, cancellation).ConfigureAwait(false);
        if (outcome is Nothing { Detail: { } failure }) throw new UserException(failure);
        return new CompleteResult(place, request, outcome, host.Status.Model!);
    }
}

/// <summary>One completion on the command line, with everything that is printed about it.</summary>
internal sealed record CompleteResult(CursorArgument Place, CompletionRequest Request, CompletionOutcome Outcome, ModelSummary Model);
