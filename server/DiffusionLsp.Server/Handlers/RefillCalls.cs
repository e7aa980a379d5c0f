using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>Converts between the wire and <see cref="RefillSession"/>: ranges to requests, texts to edits. It decides nothing.</summary>
internal static class RefillCalls
{
    /// <summary>The request to rewrite a range.</summary>
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

    /// <summary>The edit for the client to preview, and to apply if the user agrees.</summary>
    /// <param name="label">Name of the change.</param>
    public static WorkspaceEdit ToConfirm(TextDocument document, RefillText refill, string label)
    {
        TextEdit edit = Change(document, refill) with { AnnotationId = label };
        (int old, int now) = Lines(document, refill);
        var annotation = new ChangeAnnotation(label, NeedsConfirmation: true, $"{old} {(old == 1 ? "line becomes" : "lines become")} {now}");
        return new WorkspaceEdit(
            DocumentChanges: [new TextDocumentEdit(new VersionedTextDocumentIdentifier(document.ClientUri, document.Version), [edit])],
            ChangeAnnotations: new Dictionary<string, ChangeAnnotation> { [label] = annotation });
    }

    /// <summary>Number of lines with text in the hole, and in the replacement.</summary>
    public static (int Old, int Now) Lines(TextDocument document, RefillText refill) => (CountOf(document.Text[refill.Hole.Start..refill.Hole.End]), CountOf(refill.Text));

    /// <summary>The edit that replaces the hole, with the document's version if the client can check it.</summary>
    public static WorkspaceEdit Edit(TextDocument document, RefillText refill, ClientFeatures client)
    {
        TextEdit edit = Change(document, refill);
        return client.DocumentChanges
            ? new WorkspaceEdit(DocumentChanges: [new TextDocumentEdit(new VersionedTextDocumentIdentifier(document.ClientUri, document.Version), [edit])])
            : new WorkspaceEdit(Changes: new Dictionary<string, IReadOnlyList<TextEdit>> { [document.ClientUri] = [edit] });
    }

    private static TextEdit Change(TextDocument document, RefillText refill) =>
        new(new Range(PositionOf(document, refill.Hole.Start), PositionOf(document, refill.Hole.End)), refill.Text);

    private static int CountOf(string text) => ContextWindow.LineFeeds(text).Split('\n').Count(line => !string.IsNullOrWhiteSpace(line));

    private static Position PositionOf(TextDocument document, int offset)
    {
        (int line, int column) = document.Lines.Place(offset);
        return new Position(line, column);
    }
}
