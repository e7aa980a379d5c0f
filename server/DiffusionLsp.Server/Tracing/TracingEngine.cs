using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tracing;

/// <summary>
/// An engine that keeps the trace of what it decodes, so that a picture shows what the ordinary pipeline asks of the
/// model, and nothing else has to know of traces. The engine behind it is not its own.
/// </summary>
internal sealed class TracingEngine(ICompletionEngine inner) : ICompletionEngine
{
    public ModelSummary Model => inner.Model;

    /// <summary>The last decode and what was asked; null before the first.</summary>
    public (InfillRequest Request, DecodeTrace Trace)? Last { get; private set; }

    public async Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        (await TraceAsync(request, options, cancellation).ConfigureAwait(false)).Result;

    public async Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        DecodeTrace trace = await inner.TraceAsync(request, options, cancellation).ConfigureAwait(false);
        Last = (request, trace);
        return trace;
    }

    public void Dispose()
    {
    }
}
