namespace DiffusionLsp.Server.Documents;

/// <summary>
/// One open document at one version: immutable, so a reader keeps its version while the user types on. Its text is what the client sent,
/// code unit by code unit, and may temporarily contain half of a surrogate pair. It knows no files, LSP types or completions.
/// </summary>
internal sealed class TextDocument
{
    private readonly PositionEncoding encoding;
    private readonly Lazy<LineIndex> lines;

    /// <param name="uri">In the client's spelling.</param>
    /// <param name="encoding">The unit of the client's columns.</param>
    public TextDocument(string uri, string languageId, long version, string text, PositionEncoding encoding = PositionEncoding.Utf16)
        : this(DocumentUri.Parse(uri).ToString(), uri, languageId, version, text, encoding)
    {
    }

    private TextDocument(string uri, string clientUri, string languageId, long version, string text, PositionEncoding encoding)
    {
        this.encoding = encoding;
        Uri = uri;
        ClientUri = clientUri;
        LanguageId = languageId;
        Version = version;
        Text = text;
        lines = new Lazy<LineIndex>(() => new LineIndex(text, encoding));
    }

    /// <summary>The canonical spelling (<see cref="DocumentUri"/>).</summary>
    public string Uri { get; }

    /// <summary>The URI in the client's spelling, for messages to the client.</summary>
    public string ClientUri { get; }

    public string LanguageId { get; }

    public long Version { get; }

    public string Text { get; }

    /// <summary>Whether the text equals the client's; false after a change that could not be applied, until the client sends the whole text.</summary>
    public bool IsInStep { get; private init; } = true;

    public LineIndex Lines => lines.Value;

    /// <summary>The offset of a cursor; inside a surrogate pair it moves to the pair's start, so that no character is split.</summary>
    public int CursorOffset(int line, int column)
    {
        int offset = Lines.Offset(line, column);
        bool splitsPair = offset > 0 && offset < Text.Length && char.IsHighSurrogate(Text[offset - 1]) && char.IsLowSurrogate(Text[offset]);
        return splitsPair ? offset - 1 : offset;
    }

    /// <summary>The next version, with the changes applied in order. Time is linear in the text and the changes.</summary>
    /// <param name="changes">A null entry is a change that could not be read: the document is then out of sync unless a whole text follows.</param>
    public TextDocument WithChanges(long version, IReadOnlyList<TextChange?> changes)
    {
        int whole = changes.Count - 1;
        while (whole >= 0 && changes[whole] is not { Span: null }) whole--;
        string text = whole < 0 ? Text : changes[whole]!.Value.Text;
        TextChange?[] edits = [.. changes.Skip(whole + 1)];
        bool inStep = (whole >= 0 || IsInStep) && !edits.Contains(null);
        return WithText(version, inStep ? Edited(text, edits) : text, inStep);
    }

    /// <summary>The same document with another text.</summary>
    public TextDocument WithText(long version, string text) => WithText(version, text, IsInStep);

    /// <summary>The same document after a change that could not be read at all.</summary>
    public TextDocument OutOfStep() => WithText(Version, Text, isInStep: false);

    private TextDocument WithText(long version, string text, bool isInStep) => new(Uri, ClientUri, LanguageId, version, text, encoding) { IsInStep = isInStep };

    private string Edited(string text, TextChange?[] edits)
    {
        if (edits.Length == 0) return text;
        if (edits is [{ Span: { } span } only] && ReferenceEquals(text, Text))
        {
            // For typing, the existing line index suffices.
            int start = Lines.Offset(span.StartLine, span.StartColumn), end = Lines.Offset(span.EndLine, span.EndColumn);
            return string.Concat(text.AsSpan(0, Math.Min(start, end)), only.Text, text.AsSpan(Math.Max(start, end)));
        }
        var edited = new EditedText(text, encoding);
        foreach (TextChange? edit in edits) edited.Replace(edit!.Value.Span!.Value, edit.Value.Text);
        return edited.ToString();
    }
}

/// <summary>A range by lines and columns (both from 0, columns in the client's units). Either end may come first.</summary>
internal readonly record struct TextSpan(int StartLine, int StartColumn, int EndLine, int EndColumn);

/// <summary>An edit that replaces the span by <paramref name="Text"/>; without a span, the whole document.</summary>
internal readonly record struct TextChange(TextSpan? Span, string Text);
