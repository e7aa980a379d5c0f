using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using Serilog;

namespace DiffusionLsp.Server.Tracing;

/// <summary>Makes a completion's engine call and renders the decode as a page. It uses no cached result. It knows neither LSP nor the command line.</summary>
internal static class CompletionTracer
{
    /// <returns>The page; or, if the model was not called or failed, the reason.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static async Task<TraceOutcome> TraceAsync(ICompletionEngine engine, CompletionRequest request, ILogger log, CancellationToken cancellation)
    {
        request = await request.WithRulesKnownAsync(cancellation).ConfigureAwait(false);
        if (CompletionGate.Check(request) is { } closed)
            return new TraceOutcome(null, null, request.Exclusion ?? $"There is nothing to trace, because no completion is computed here ({closed}).");
        InfillCall call = InfillCall.ForCompletion(request);
        DecodeTrace trace;
        try
        {
            trace = await engine.TraceAsync(call.Request, call.Options, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            FailureText.Log(log, e, "decoding failed");
            return new TraceOutcome(null, null, FailureText.Sentence(e));
        }
        log.Information("trace: {Forwards} forwards, {Tokens} tokens, {Milliseconds:0.0} ms", trace.Result.Forwards, trace.Result.Tokens, trace.Result.Timings.Total);
        return new TraceOutcome(TracePage.Render(new TracedDecode(request.Path, call.Request, trace, engine.Model)), trace, null);
    }
}

/// <summary>A page, or why there is none.</summary>
internal sealed record TraceOutcome(string? Html, DecodeTrace? Trace, string? Problem);

/// <summary>Everything that a page shows.</summary>
/// <param name="Path">The document's path as shown to the model; null: unknown.</param>
internal sealed record TracedDecode(string? Path, InfillRequest Request, DecodeTrace Trace, ModelSummary Model);
