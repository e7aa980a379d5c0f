using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Tracing;
using Serilog;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>$/diffusion/trace</c>: a page that shows how the completion at a position is decoded, step by step.</summary>
internal sealed class TraceHandler(ModelHost models, ContextService related, ILogger log) : IRequestHandler<TraceParams>
{
    public string Method => "$/diffusion/trace";

    public async Task<object?> HandleAsync(TraceParams parameters, RequestContext context, CancellationToken cancellation)
    {
        if (context.Find(parameters.TextDocument.Uri) is not { } document)
            throw Failed($"The document {parameters.TextDocument.Uri} is not open; open it before requesting its trace.");
        CompletionRequest request = related.Prepare(new CompletionRequest
        {
            Document = document,
            Offset = document.CursorOffset(parameters.Position.Line, parameters.Position.Character),
            Trigger = CompletionTrigger.Invoked,
            Source = CompletionSource.Inline,
            Settings = context.Settings,
            Path = DocumentPath.Relative(document.Uri, context.Roots),
        }, context.Roots);
        if (!context.Settings.Enabled) throw Failed("Completions are turned off, so there is nothing to trace (setting diffusionLsp.enabled).");
        using EngineLease lease = await models.AcquireAsync(cancellation).ConfigureAwait(false) ?? throw Failed(models.Status.Message);
        TraceOutcome outcome = await Task.Run(() => CompletionTracer.TraceAsync(lease.Engine, request, log, cancellation), cancellation).ConfigureAwait(false);
        return new TraceAnswer(outcome.Html ?? throw Failed(outcome.Problem!));
    }

    private static LocalRpcException Failed(string sentence) => new(sentence) { ErrorCode = ErrorCodes.RequestFailed };
}
