using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/inlineCompletion</c> (LSP 3.18).</summary>
internal sealed record InlineCompletionParams(TextDocumentIdentifier TextDocument, Position Position, InlineCompletionContext? Context = null);

/// <param name="TriggerKind">1 invoked, 2 automatic; in the proposal before 3.18: 0 invoked, 1 automatic.</param>
/// <param name="SelectedCompletionInfo">The entry that is selected in the editor's own list.</param>
internal sealed record InlineCompletionContext(int TriggerKind = 1, SelectedCompletionInfo? SelectedCompletionInfo = null);

/// <summary>What accepting the editor's list entry would put in place of a range.</summary>
internal sealed record SelectedCompletionInfo(Range Range, string Text);

/// <summary>The answer; an empty list clears what is shown.</summary>
internal sealed record InlineCompletionList(IReadOnlyList<InlineCompletionItem> Items)
{
    public static InlineCompletionList Empty { get; } = new([]);
}

/// <summary>A text to show at the cursor. The range is on one line, and the text writes again what it replaces: all of it before the cursor, and closers right of it.</summary>
/// <param name="Command">What the client runs after the text was accepted.</param>
internal sealed record InlineCompletionItem(string InsertText, Range Range, ClientCommand? Command = null);

/// <summary>A command of this server's, for a client to send back as <c>workspace/executeCommand</c>.</summary>
internal sealed record ClientCommand(string Title, [property: JsonPropertyName("command")] string Name, IReadOnlyList<object> Arguments);
