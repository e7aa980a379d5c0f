namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/completion</c>, for editors without inline completion.</summary>
internal sealed record CompletionParams(TextDocumentIdentifier TextDocument, Position Position);

/// <summary>The answer. It is always incomplete, because the next keystroke may change it.</summary>
internal sealed record CompletionList(bool IsIncomplete, IReadOnlyList<CompletionItem> Items)
{
    public static CompletionList Empty { get; } = new(true, []);
}

/// <param name="Label">The first line, shortened to fit a list.</param>
/// <param name="Kind">1: text.</param>
/// <param name="Detail">The source of the entry, and its number of lines.</param>
/// <param name="Documentation">The whole text, if the label shows only its first line.</param>
/// <param name="Preselect">Never: the language server's own first entry stays selected.</param>
/// <param name="SortText">"~", which sorts after the entries of language servers.</param>
/// <param name="InsertTextMode">1: as is, without adjusting indentation.</param>
internal sealed record CompletionItem(
    string Label, int Kind, string Detail, string? Documentation, bool Preselect, string SortText, string FilterText, int InsertTextMode, TextEdit TextEdit);

/// <summary>A text that replaces a range.</summary>
/// <param name="AnnotationId">Identifier of its annotation in <see cref="WorkspaceEdit.ChangeAnnotations"/>; null: none.</param>
internal sealed record TextEdit(Range Range, string NewText, string? AnnotationId = null);
