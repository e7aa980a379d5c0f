using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/inlineCompletion</c> (LSP 3.18).</summary>
internal sealed record InlineCompletionParams(TextDocumentIdentifier TextDocument, Position Position, InlineCompletionContext? Context = null);

/// <param name="TriggerKind">1 invoked, 2 automatic; in the proposal before 3.18: 0 invoked, 1 automatic.</param>
/// <param name="SelectedCompletionInfo">The entry selected in the editor's completion list; null: none.</param>
internal sealed record InlineCompletionContext(int TriggerKind = 1, SelectedCompletionInfo? SelectedCompletionInfo = null);

/// <summary>The text with which the selected list entry would replace a range.</summary>
internal sealed record SelectedCompletionInfo(Range Range, string Text);

/// <summary>The answer; an empty list clears the current suggestion.</summary>
internal sealed record InlineCompletionList(IReadOnlyList<InlineCompletionItem> Items)
{
    public static InlineCompletionList Empty { get; } = new([]);
}

/// <summary>A suggestion at the cursor. The range is on one line, and the text repeats what it replaces: everything before the cursor, and closing characters after it.</summary>
/// <param name="Command">Run by the client after the suggestion is accepted; null: none.</param>
internal sealed record InlineCompletionItem(string InsertText, Range Range, ClientCommand? Command = null);

/// <summary>A command of this server, which the client sends back as <c>workspace/executeCommand</c>.</summary>
internal sealed record ClientCommand(string Title, [property: JsonPropertyName("command")] string Name, IReadOnlyList<object> Arguments);
