using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Tracing;

/// <summary>Takes one completion through the ordinary pipeline and makes a page of what the model did. It knows neither LSP nor the command line.</summary>
internal static class CompletionTracer
{
    /// <param name="request">Its source must be the command line: no cache answers, and no document has to be open.</param>
    /// <returns>The page; or, where the model was not asked or failed, why not.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static async Task<TraceOutcome> TraceAsync(ICompletionEngine engine, CompletionRequest request, ILogger log, CancellationToken cancellation)
    {
        using var tracing = new TracingEngine(engine);
        var listeners = new Listeners(log);
        listeners.On<FinishedCompletion>(finished => log.Information("{Completion:l}", finished.Line));
        using var host = new ModelHost((_, _) => tracing, listeners, log);
        host.Ensure(new EngineOptions());
        var session = new CompletionSession(host, new DocumentStore(listeners), listeners, TimeProvider.System, log);
        CompletionOutcome outcome = await session.CompleteAsync(request, cancellation).ConfigureAwait(false);
        if (tracing.Last is { } last) return new TraceOutcome(TracePage.Render(new TracedDecode(request.Path, last.Request, last.Trace, engine.Model)), last.Trace, null);
        var nothing = outcome as Nothing;
        return new TraceOutcome(null, null, nothing?.Detail ?? $"There is nothing to trace: the model is not asked here ({nothing?.Reason}).");
    }
}

/// <summary>A page, or why there is none.</summary>
internal sealed record TraceOutcome(string? Html, DecodeTrace? Trace, string? Problem);

/// <summary>Everything that a page shows.</summary>
/// <param name="Path">The document's, as the model saw it; null: unknown.</param>
internal sealed record TracedDecode(string? Path, InfillRequest Request, DecodeTrace Trace, ModelSummary Model);
