using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>textDocument/inlineCompletion</c>. Answers null when a newer request or text makes an answer pointless, so that the
/// editor leaves alone what it shows, and an empty list when there is nothing to offer, so that it clears it.
/// </summary>
internal sealed class InlineCompletionHandler(CompletionSession session, ContextService related) : IRequestHandler<InlineCompletionParams>
{
    private readonly TriggerKinds triggers = new();

    public string Method => "textDocument/inlineCompletion";

    public async Task<object?> HandleAsync(InlineCompletionParams parameters, RequestContext context, CancellationToken cancellation)
    {
        CompletionTrigger trigger = triggers.Read(parameters.Context?.TriggerKind ?? 1);
        if (context.Find(parameters.TextDocument.Uri) is not { } document) return null;
        int offset = document.CursorOffset(parameters.Position.Line, parameters.Position.Character);
        SelectedEntry? entry = SelectedEntry.From(document, offset, parameters.Context?.SelectedCompletionInfo);
        CompletionRequest request = related.Prepare(new CompletionRequest
        {
            Document = document,
            Offset = offset,
            Trigger = trigger,
            Source = CompletionSource.Inline,
            Settings = context.Settings,
            Ahead = entry?.Ahead ?? "",
            Path = DocumentPath.Relative(document.Uri, context.Roots),
        }, context.Roots);
        return Answer(await session.CompleteAsync(request, cancellation).ConfigureAwait(false), request, entry);
    }

    private static InlineCompletionList? Answer(CompletionOutcome outcome, CompletionRequest request, SelectedEntry? entry) => outcome switch
    {
        Suggestion suggestion => new InlineCompletionList([Item(suggestion, request, entry)]),
        Nothing { Reason: NothingReason.Superseded or NothingReason.DocumentChanged or NothingReason.ModelLoading } => null,
        _ => InlineCompletionList.Empty,
    };

    /// <summary>Replaces the line up to the cursor by itself plus the suggestion: the one shape that all editors show without flicker.</summary>
    private static InlineCompletionItem Item(Suggestion suggestion, CompletionRequest request, SelectedEntry? entry)
    {
        var accepted = new ClientCommand("", AcceptedCommand.CommandName, [suggestion.Number]);
        if (entry is not null) return new InlineCompletionItem(entry.Text + suggestion.Text, entry.Range, accepted);
        (int line, int column) = request.Document.Lines.Place(request.Offset);
        return new InlineCompletionItem(request.LinePrefix + suggestion.Text, new Range(new Position(line, 0), new Position(line, column)), accepted);
    }
}

/// <summary>The selected entry of the editor's own list, if it extends what is typed.</summary>
/// <param name="Range">What accepting it replaces.</param>
/// <param name="Text">What accepting it puts there.</param>
/// <param name="Ahead">The part of the text that is not typed yet.</param>
internal sealed record SelectedEntry(Range Range, string Text, string Ahead)
{
    /// <summary>Null as well for what is no such entry: Neovim sends the visual selection here.</summary>
    public static SelectedEntry? From(TextDocument document, int offset, SelectedCompletionInfo? info)
    {
        if (info is not { Range: { Start: var start, End: var end } range }) return null;
        int from = document.Lines.Offset(start.Line, start.Character), to = document.Lines.Offset(end.Line, end.Character);
        if (start.Line != end.Line || to != offset || from > to || info.Text.Contains('\n')) return null;
        string typed = document.Text[from..to];
        return info.Text.Length > typed.Length && info.Text.StartsWith(typed, StringComparison.Ordinal)
            ? new SelectedEntry(range, info.Text, info.Text[typed.Length..])
            : null;
    }
}
