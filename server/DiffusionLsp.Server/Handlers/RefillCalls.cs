using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>Between wire and <see cref="RefillSession"/>: ranges to requests, texts to edits. It decides nothing.</summary>
internal static class RefillCalls
{
    /// <summary>The wish to write a range anew.</summary>
    public static RefillRequest Request(TextDocument document, Range range, int? maxTokens, RequestContext context, ContextService related) =>
        new(related.Prepare(new CompletionRequest
        {
            Document = document,
            Offset = document.CursorOffset(range.Start.Line, range.Start.Character),
            Trigger = CompletionTrigger.Invoked,
            Source = CompletionSource.Refill,
            Settings = context.Settings,
            Path = DocumentPath.Relative(document.Uri, context.Roots),
        }, context.Roots), document.CursorOffset(range.End.Line, range.End.Character), maxTokens);

    /// <summary>The edit that puts the text into the hole, with the document's version where the client can check it.</summary>
    public static WorkspaceEdit Edit(TextDocument document, RefillText refill, ClientFeatures client)
    {
        var edit = new TextEdit(new Range(PositionOf(document, refill.Hole.Start), PositionOf(document, refill.Hole.End)), refill.Text);
        return client.DocumentChanges
            ? new WorkspaceEdit(DocumentChanges: [new TextDocumentEdit(new VersionedTextDocumentIdentifier(document.ClientUri, document.Version), [edit])])
            : new WorkspaceEdit(Changes: new Dictionary<string, IReadOnlyList<TextEdit>> { [document.ClientUri] = [edit] });
    }

    private static Position PositionOf(TextDocument document, int offset)
    {
        (int line, int column) = document.Lines.Place(offset);
        return new Position(line, column);
    }
}
