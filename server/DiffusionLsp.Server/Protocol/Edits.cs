namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/codeAction</c>.</summary>
internal sealed record CodeActionParams(TextDocumentIdentifier TextDocument, Range Range, CodeActionContext? Context = null);

/// <param name="Only">Requested kinds; null: all.</param>
internal sealed record CodeActionContext(IReadOnlyList<string>? Only = null);

/// <summary>The kinds of this server's code actions.</summary>
internal sealed record CodeActionOptions(IReadOnlyList<string> CodeActionKinds);

/// <summary>An action that runs a command; nothing is computed until it is chosen.</summary>
internal sealed record CodeAction(string Title, string Kind, ClientCommand Command);

/// <summary><c>workspace/applyEdit</c>, which the server sends.</summary>
internal sealed record ApplyEditParams(string Label, WorkspaceEdit Edit);

/// <summary>The answer to <c>workspace/applyEdit</c>.</summary>
internal sealed record ApplyEditResult(bool Applied, string? FailureReason = null);

/// <summary>An edit in one of two forms: with the version it applies to, or without for clients that do not support versions.</summary>
/// <param name="ChangeAnnotations">By their identifiers; null: the client knows none.</param>
internal sealed record WorkspaceEdit(
    IReadOnlyDictionary<string, IReadOnlyList<TextEdit>>? Changes = null, IReadOnlyList<TextDocumentEdit>? DocumentChanges = null,
    IReadOnlyDictionary<string, ChangeAnnotation>? ChangeAnnotations = null);

/// <summary>What the user is told about a change.</summary>
/// <param name="NeedsConfirmation">Whether the client shows it and asks before it is applied.</param>
internal sealed record ChangeAnnotation(string Label, bool NeedsConfirmation, string? Description = null);

/// <summary>Edits to one version of a document.</summary>
internal sealed record TextDocumentEdit(VersionedTextDocumentIdentifier TextDocument, IReadOnlyList<TextEdit> Edits);
