using System.Text.Json;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Serilog;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>textDocument/didOpen</c>: adopts the editor's text, even if the document is already open.</summary>
internal sealed class DidOpenHandler(ServerState state, LostEdits lost) : INotificationHandler<DidOpenParams>
{
    public string Method => "textDocument/didOpen";

    public void Handle(DidOpenParams parameters)
    {
        TextDocumentItem item = parameters.TextDocument;
        bool isText = item.Text.ValueKind == JsonValueKind.String;
        var document = new TextDocument(item.Uri, LanguageOf(item), item.Version ?? 0, isText ? JsonText.Read(item.Text) : "", state.Client.Encoding);
        state.Documents.Open(isText ? document : document.OutOfStep());
        if (!isText) lost.Tell(item.Uri);
    }

    private static string LanguageOf(TextDocumentItem item) => item.LanguageId.ValueKind == JsonValueKind.String && JsonText.Read(item.LanguageId) is { Length: > 0 } given
        ? given
        : LanguageIds.ForFile(DocumentUri.Parse(item.Uri).Path) ?? "plaintext";
}

/// <summary>
/// <c>textDocument/didChange</c>: applies edits in order. After one that cannot be applied, the document is out of sync with
/// the editor's, and there are no suggestions for it until its whole text arrives.
/// </summary>
internal sealed class DidChangeHandler(DocumentStore documents, LostEdits lost, ILogger log) : INotificationHandler<DidChangeParams>
{
    public string Method => "textDocument/didChange";

    public void Handle(DidChangeParams parameters)
    {
        VersionedTextDocumentIdentifier changed = parameters.TextDocument;
        ChangeOutcome outcome = documents.Change(changed.Uri, changed.Version, [.. ContentChange.Read(parameters.ContentChanges).Select(Change)]);
        if (outcome == ChangeOutcome.NotOpen) log.Warning("ignored a change to a document that is not open");
        if (outcome == ChangeOutcome.Lost) lost.Tell(changed.Uri);
    }

    private static TextChange? Change(ContentChange? change) => change is { } read
        ? new TextChange(read.Range is { Start: var start, End: var end } ? new TextSpan(start.Line, start.Character, end.Line, end.Character) : null, read.Text)
        : null;
}

/// <summary>Reports once, in the log and to the user, that a document is out of sync.</summary>
internal sealed class LostEdits(JsonRpc client, ILogger log)
{
    private const int Warning = 2;

    public void Tell(string uri)
    {
        log.Warning("an edit could not be applied, so there are no suggestions for its document until its whole text arrives");
        string path = DocumentUri.Parse(uri).Path;
        _ = client.NotifyWithParameterObjectAsync("window/showMessage", new ShowMessageParams(Warning,
            $"DiffusionLsp could not apply an edit to {path[(path.LastIndexOf('/') + 1)..]}, so there are no suggestions in it; close the file and open it again."));
    }
}

/// <summary><c>textDocument/didClose</c>: discards the document.</summary>
internal sealed class DidCloseHandler(DocumentStore documents, ILogger log) : INotificationHandler<DidCloseParams>
{
    public string Method => "textDocument/didClose";

    public void Handle(DidCloseParams parameters)
    {
        if (!documents.Close(parameters.TextDocument.Uri)) log.Debug("a document that is not open was closed");
    }
}

/// <summary><c>textDocument/didFocus</c>: the user has returned to the editor, so a model that was unloaded or that failed is loaded again.</summary>
internal sealed class DidFocusHandler(ModelHost models) : INotificationHandler<DidFocusParams>
{
    public string Method => "textDocument/didFocus";

    public void Handle(DidFocusParams parameters) => models.Focus();
}
