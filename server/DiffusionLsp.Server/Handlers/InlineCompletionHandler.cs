using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>textDocument/inlineCompletion</c>. Returns null when a newer request or edit makes the answer pointless, so that the
/// editor keeps what it shows, and an empty list when there is no suggestion, so that the editor clears it.
/// </summary>
internal sealed class InlineCompletionHandler(CompletionSession session, ContextService related) : IRequestHandler<InlineCompletionParams>
{
    private const int LongestLine = 500;

    private readonly TriggerKinds triggers = new();

    public string Method => "textDocument/inlineCompletion";

    public async Task<object?> HandleAsync(InlineCompletionParams parameters, RequestContext context, CancellationToken cancellation)
    {
        CompletionTrigger trigger = triggers.Read(parameters.Context?.TriggerKind ?? 1);
        if (context.Find(parameters.TextDocument.Uri) is not { } document) return null;
        int offset = document.CursorOffset(parameters.Position.Line, parameters.Position.Character);
        SelectedEntry? entry = SelectedEntry.Read(document, offset, parameters.Context?.SelectedCompletionInfo);
        if (entry is { IsFit: false }) return InlineCompletionList.Empty; // the editor shows only suggestions that begin with the selected entry
        CompletionRequest request = related.Prepare(new CompletionRequest
        {
            Document = entry?.Accepted ?? document,
            Open = entry?.Accepted is null ? null : document,
            Offset = entry?.Accepted is null ? offset : entry.From + entry.Text.Length,
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
        Suggestion suggestion => new InlineCompletionList([.. suggestion.Others.Prepend(suggestion).Select(each => Item(each, suggestion.Number, request, entry))]),
        Nothing { Reason: NothingReason.Superseded or NothingReason.DocumentChanged or NothingReason.ModelLoading } => null,
        _ => InlineCompletionList.Empty,
    };

    /// <summary>
    /// Replaces the line up to the cursor, and the text right of it that the suggestion repeats, with the whole text: the only form
    /// that all editors show without flicker. Only the end of a very long line is sent.
    /// </summary>
    /// <param name="number">The suggestion's number.</param>
    private static InlineCompletionItem Item(Suggestion suggestion, int number, CompletionRequest request, SelectedEntry? entry)
    {
        var accepted = new ClientCommand("", AcceptedCommand.CommandName, [number]);
        TextDocument document = request.Open ?? request.Document;
        int to = entry?.To ?? request.Offset, from = entry?.From ?? Start(document, to);
        (int line, int column) = document.Lines.Place(from);
        // The replaced text is ASCII, one code unit in every encoding.
        var range = new Range(new Position(line, column), new Position(line, document.Lines.Place(to).Column + suggestion.Replaced));
        return new InlineCompletionItem((entry?.Text ?? document.Text[from..to]) + suggestion.Text, range, accepted);
    }

    private static int Start(TextDocument document, int offset)
    {
        int start = document.Lines.LineStart(document.Lines.Place(offset).Line);
        if (offset - start <= LongestLine) return start;
        start = offset - LongestLine;
        return char.IsLowSurrogate(document.Text[start]) ? start - 1 : start;
    }
}

/// <summary>The selected entry of the editor's completion list, if it is not part of the text yet.</summary>
/// <param name="From">Offset of the text that accepting it replaces.</param>
/// <param name="To">End of that text.</param>
/// <param name="Text">The replacement.</param>
internal sealed record SelectedEntry(int From, int To, string Text)
{
    /// <summary>Whether a suggestion can continue it: it replaces text on one line, around the cursor.</summary>
    public bool IsFit { get; private init; } = true;

    /// <summary>The part of the entry that is not typed yet, if it only extends what is typed.</summary>
    public string Ahead { get; private init; } = "";

    /// <summary>The document with the entry accepted, if it replaces what is typed, as a match in another case does; null: it extends it.</summary>
    public TextDocument? Accepted { get; private init; }

    /// <summary>Null: none is selected, or the text contains it already: Neovim sends the visual selection here.</summary>
    public static SelectedEntry? Read(TextDocument document, int offset, SelectedCompletionInfo? info)
    {
        if (info is not { Range: { Start: var start, End: var end }, Text: { } text }) return null;
        int from = document.Lines.Offset(start.Line, start.Character), to = document.Lines.Offset(end.Line, end.Character);
        var entry = new SelectedEntry(from, to, text);
        if (start.Line != end.Line || from > offset || to < offset)
            return from <= to && ContextWindow.LineFeeds(document.Text[from..to]) == ContextWindow.LineFeeds(text) ? null : entry with { IsFit = false };
        string typed = document.Text[from..to];
        if (text == typed) return null;
        return to == offset && text.StartsWith(typed, StringComparison.Ordinal) && !text.Contains('\n')
            ? entry with { Ahead = text[typed.Length..] }
            : entry with { Accepted = document.WithText(document.Version, string.Concat(document.Text.AsSpan(0, from), text, document.Text.AsSpan(to))) };
    }
}
