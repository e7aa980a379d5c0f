using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>$/diffusion/infill</c>: the model's replacement for a range, for clients that apply it themselves. A replacement that
/// post-processing rejects is returned as an empty string; if the model cannot be queried at all, the response is a one-sentence error.
/// </summary>
internal sealed class InfillHandler(RefillSession session, ContextService related, DocumentStore documents) : IRequestHandler<InfillParams>
{
    public string Method => "$/diffusion/infill";

    public async Task<object?> HandleAsync(InfillParams parameters, RequestContext context, CancellationToken cancellation)
    {
        if (parameters.MaxTokens is { } most && !DecodeKnobs.TokenLimit.Holds(most)) throw new InvalidParameters(DecodeKnobs.TokenLimit.Refusal("maxTokens", $"{most}") + ".");
        if (context.Find(parameters.TextDocument.Uri) is not { } document)
            throw new InvalidParameters("the document is not open; open it with textDocument/didOpen.");
        RefillOutcome outcome = await session.RefillAsync(RefillCalls.Request(document, parameters.Range, parameters.MaxTokens, context, related), cancellation).ConfigureAwait(false);
        return outcome switch
        {
            RefillText refill => Answer(refill.Text, refill.Decoded, ReferenceEquals(documents.Find(document.Uri), document) ? RefillCalls.Edit(document, refill, context.Client) : null),
            RefillNothing { Decode: { } decode, Sentence: var sentence } => Answer("", decode, null) with { Message = sentence },
            RefillNothing nothing => throw new LocalRpcException(nothing.Sentence) { ErrorCode = ErrorCodes.RequestFailed },
            _ => throw new ArgumentOutOfRangeException(nameof(parameters)),
        };
    }

    private static InfillAnswer Answer(string text, InfillResult decode, WorkspaceEdit? edit) => new(
        text, JsonNamingPolicy.CamelCase.ConvertName(decode.StopReason.ToString()), decode.Forwards, decode.Tokens, Math.Round(decode.Timings.Total, 3), edit);
}
