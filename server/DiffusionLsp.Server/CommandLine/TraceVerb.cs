using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Tracing;

namespace DiffusionLsp.Server.CommandLine;

/// <summary><c>trace FILE:LINE:COL --html FILE</c>: a picture of how the model fills the hole there, through the same pipeline as the language server's.</summary>
internal static class TraceVerb
{
    public static Command Create()
    {
        var cursor = new Argument<string>("FILE:LINE:COL") { Description = "Where the cursor stands; line and column count from 1." };
        var html = OptionKinds.Text("--html", "Where the page goes; it needs nothing else to be read.", "FILE");
        html.Required = true;
        var single = OptionKinds.Switch("--single-line", "Complete only the cursor's line.");
        var multi = OptionKinds.Switch("--multi-line", "Complete several lines, wherever the cursor stands.");
        var command = new Command("trace", "Show how a completion is decoded, step by step.") { cursor, html, single, multi };
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
            CompletionRequest request = CompleteVerb.Request(document, offset, parsed.GetValue(single) ? true : parsed.GetValue(multi) ? false : null, place.File);
            bool oneLine = LinePolicy.IsSingleLine(request);
            int length = oneLine ? request.Settings.MaxTokensSingleLine : request.Settings.MaxTokensMultiLine;
            request = request with { SingleLine = oneLine, Decode = decoder.Decode(parsed, length).Validated() };

            EngineOptions engineOptions = models.Engine(parsed);
            using LogSetup logs = LogSetup.FileOnly();
            using ICompletionEngine engine = await Task.Run(() => InfillEngineAdapter.Load(engineOptions), cancellation).ConfigureAwait(false);
            TraceOutcome outcome = await CompletionTracer.TraceAsync(engine, request, logs.Log, cancellation).ConfigureAwait(false);
            string path = parsed.GetRequiredValue(html)!;
            await File.WriteAllTextAsync(path, outcome.Html ?? throw new UserException(outcome.Problem!), cancellation).ConfigureAwait(false);
            Console.WriteLine($"{path}: {outcome.Trace!.Steps.Count} steps, {outcome.Trace.Result.Forwards} forwards, {outcome.Trace.Result.Tokens} tokens.");
            return 0;
        });
        return command;
    }
}
