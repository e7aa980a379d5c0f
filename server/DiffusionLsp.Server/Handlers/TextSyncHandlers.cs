using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Serilog;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>textDocument/didOpen</c>: the editor's text is the truth from now on.</summary>
internal sealed class DidOpenHandler(ServerState state) : INotificationHandler<DidOpenParams>
{
    public string Method => "textDocument/didOpen";

    public void Handle(DidOpenParams parameters)
    {
        TextDocumentItem item = parameters.TextDocument;
        state.Documents.Open(new TextDocument(item.Uri, item.LanguageId, item.Version, item.Text, state.Client.Encoding));
    }
}

/// <summary><c>textDocument/didChange</c>: edits, applied in their order.</summary>
internal sealed class DidChangeHandler(DocumentStore documents, ILogger log) : INotificationHandler<DidChangeParams>
{
    public string Method => "textDocument/didChange";

    public void Handle(DidChangeParams parameters)
    {
        int version = parameters.TextDocument.Version ?? documents.Find(parameters.TextDocument.Uri)?.Version + 1 ?? 0;
        if (!documents.Change(parameters.TextDocument.Uri, version, parameters.ContentChanges.Select(Change)))
            log.Warning("a change of a document that is not open is ignored");
    }

    private static TextChange Change(ContentChange change) => new(
        change.Range is { Start: var start, End: var end } ? new TextSpan(start.Line, start.Character, end.Line, end.Character) : null,
        change.Text);
}

/// <summary><c>textDocument/didClose</c>: forget the document.</summary>
internal sealed class DidCloseHandler(DocumentStore documents) : INotificationHandler<DidCloseParams>
{
    public string Method => "textDocument/didClose";

    public void Handle(DidCloseParams parameters) => documents.Close(parameters.TextDocument.Uri);
}

/// <summary><c>textDocument/didFocus</c>: somebody is back at the editor, so a model that was unloaded or that failed is loaded again.</summary>
internal sealed class DidFocusHandler(ModelHost models) : INotificationHandler<DidFocusParams>
{
    public string Method => "textDocument/didFocus";

    public void Handle(DidFocusParams parameters) => models.Focus();
}
