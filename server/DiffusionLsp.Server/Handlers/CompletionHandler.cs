using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Settings;
using Range = DiffusionLsp.Server.Protocol.Range;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>textDocument/completion</c>: the same suggestion as one entry of a completion list, for editors without ghost text. By
/// default it returns nothing to editors that have ghost text, so that they do not show it twice.
/// </summary>
internal sealed class CompletionHandler(CompletionSession session, ContextService related) : IRequestHandler<CompletionParams>
{
    private const int LabelLength = 80;
    private const int LongestWord = 200;
    private const int TextKind = 1;
    private const int AsIs = 1;
    private const string Name = "DiffusionLsp";

    private static readonly CompletionList Never = new(IsIncomplete: false, []);

    public string Method => "textDocument/completion";

    public async Task<object?> HandleAsync(CompletionParams parameters, RequestContext context, CancellationToken cancellation)
    {
        if (!IsWanted(context) || context.Find(parameters.TextDocument.Uri) is not { } document) return Never;
        CompletionRequest request = related.Prepare(new CompletionRequest
        {
            Document = document,
            Offset = document.CursorOffset(parameters.Position.Line, parameters.Position.Character),
            Trigger = CompletionTrigger.Automatic, // clients also send 1 (invoked) while the user types, so the kind is meaningless
            Source = CompletionSource.List,
            Settings = context.Settings,
            Path = DocumentPath.Relative(document.Uri, context.Roots),
        }, context.Roots);
        return await session.CompleteAsync(request, cancellation).ConfigureAwait(false) switch
        {
            Suggestion suggestion => new CompletionList(true, [Item(suggestion, request)]),
            Nothing { Reason: NothingReason.Superseded } => null,
            _ => CompletionList.Empty,
        };
    }

    private static bool IsWanted(RequestContext context) => context.Settings.PlainCompletion switch
    {
        Tristate.Always => true,
        Tristate.Never => false,
        _ => !context.Client.InlineCompletion,
    };

    private static CompletionItem Item(Suggestion suggestion, CompletionRequest request)
    {
        string text = suggestion.Text, linePrefix = request.LinePrefix;
        int wordStart = linePrefix.Length, first = Math.Max(0, wordStart - LongestWord);
        while (wordStart > first && (char.IsLetterOrDigit(linePrefix[wordStart - 1]) || linePrefix[wordStart - 1] == '_')) wordStart--;
        string word = wordStart > 0 && wordStart == first ? "" : linePrefix[wordStart..]; // a run of word characters that reaches the limit is not treated as a word
        (int line, int column) = request.Document.Lines.Place(request.Offset);
        int wordColumn = request.Document.Lines.Place(request.Offset - word.Length).Column;
        int lines = text.Count(c => c == '\n') + 1;
        return new CompletionItem(
            Label(word + text), TextKind, lines == 1 ? Name : $"{Name}, {lines} lines", lines == 1 ? null : word + text, Preselect: false, SortText: "~", FilterText: word, AsIs,
            new TextEdit(new Range(new Position(line, wordColumn), new Position(line, column + suggestion.Replaced)), word + text));
    }

    private static string Label(string text)
    {
        string[] lines = text.Trim().Split('\n');
        string label = lines[0].TrimEnd();
        if (label.Length > LabelLength) label = label[..(char.IsHighSurrogate(label[LabelLength - 1]) ? LabelLength - 1 : LabelLength)] + "…";
        return lines.Length > 1 ? label + " ⏎" : label;
    }
}
