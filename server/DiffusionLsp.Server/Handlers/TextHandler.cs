using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>$/diffusion/text</c>: the server's copy of a document, so that a client's test can compare it with its own.</summary>
internal sealed class TextHandler : IRequestHandler<TextParams>
{
    public string Method => "$/diffusion/text";

    public Task<object?> HandleAsync(TextParams parameters, RequestContext context, CancellationToken cancellation) => Task.FromResult<object?>(
        context.Find(parameters.TextDocument.Uri) is { } document ? new TextResult(document.Version, document.Text, document.IsInStep ? null : true) : null);
}
