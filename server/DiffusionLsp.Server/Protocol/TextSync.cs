namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/didOpen</c>.</summary>
internal sealed record DidOpenParams(TextDocumentItem TextDocument);

/// <summary>A document with its content.</summary>
/// <param name="LanguageId">Null: as the name of the file says.</param>
internal sealed record TextDocumentItem(string Uri, string Text, string? LanguageId = null, int? Version = null);

/// <summary><c>textDocument/didChange</c>.</summary>
internal sealed record DidChangeParams(VersionedTextDocumentIdentifier TextDocument, IReadOnlyList<ContentChange> ContentChanges);

/// <summary>A document at a version.</summary>
internal sealed record VersionedTextDocumentIdentifier(string Uri, int? Version = null);

/// <summary>An edit; without a range, the whole new text.</summary>
internal sealed record ContentChange(string Text, Range? Range = null);

/// <summary><c>textDocument/didClose</c>.</summary>
internal sealed record DidCloseParams(TextDocumentIdentifier TextDocument);
