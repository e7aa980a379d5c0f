namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/completion</c>, for editors without inline completion.</summary>
internal sealed record CompletionParams(TextDocumentIdentifier TextDocument, Position Position);

/// <summary>The answer. It is always incomplete: the next key may change it.</summary>
internal sealed record CompletionList(bool IsIncomplete, IReadOnlyList<CompletionItem> Items)
{
    public static CompletionList Empty { get; } = new(true, []);
}

/// <param name="Label">First line, cut to fit a list.</param>
/// <param name="Kind">1: text.</param>
/// <param name="Detail">Whose entry it is, and how many lines it has.</param>
/// <param name="Documentation">The whole text, where the label shows its first line only.</param>
/// <param name="Preselect">Never: the first entry stays the one of the language's own server.</param>
/// <param name="SortText">"~" sorts behind what language servers offer.</param>
/// <param name="InsertTextMode">1: as is, without new indentation.</param>
internal sealed record CompletionItem(
    string Label, int Kind, string Detail, string? Documentation, bool Preselect, string SortText, string FilterText, int InsertTextMode, TextEdit TextEdit);

/// <summary>A text in place of a range.</summary>
internal sealed record TextEdit(Range Range, string NewText);
