namespace DiffusionLsp.Server.Documents;

/// <summary>
/// One open document at one version: immutable, so a reader keeps what it was handed while the user types on.
/// It knows nothing of files, of LSP types or of completions.
/// </summary>
internal sealed class TextDocument
{
    private readonly PositionEncoding encoding;
    private readonly Lazy<LineIndex> lines;

    /// <param name="encoding">What the columns count that its client speaks of.</param>
    public TextDocument(string uri, string languageId, int version, string text, PositionEncoding encoding = PositionEncoding.Utf16)
    {
        this.encoding = encoding;
        Uri = uri;
        LanguageId = languageId;
        Version = version;
        Text = text;
        lines = new Lazy<LineIndex>(() => new LineIndex(text, encoding));
    }

    public string Uri { get; }

    public string LanguageId { get; }

    public int Version { get; }

    public string Text { get; }

    public LineIndex Lines => lines.Value;

    /// <summary>The offset of a cursor; one inside a surrogate pair moves before it, so that no half of a character is left.</summary>
    public int CursorOffset(int line, int column)
    {
        int offset = Lines.Offset(line, column);
        bool splitsPair = offset > 0 && offset < Text.Length && char.IsHighSurrogate(Text[offset - 1]) && char.IsLowSurrogate(Text[offset]);
        return splitsPair ? offset - 1 : offset;
    }

    /// <summary>The next version, with the changes applied one after the other.</summary>
    public TextDocument WithChanges(int version, IEnumerable<TextChange> changes)
    {
        var document = this;
        foreach (TextChange change in changes) document = document.WithText(version, document.Apply(change));
        return ReferenceEquals(document, this) ? WithText(version, Text) : document;
    }

    /// <summary>The same document with another text.</summary>
    public TextDocument WithText(int version, string text) => new(Uri, LanguageId, version, text, encoding);

    private string Apply(TextChange change)
    {
        if (change.Span is not { } span) return change.Text;
        int start = Lines.Offset(span.StartLine, span.StartColumn);
        int end = Math.Max(start, Lines.Offset(span.EndLine, span.EndColumn));
        return string.Concat(Text.AsSpan(0, start), change.Text, Text.AsSpan(end));
    }
}

/// <summary>A stretch of text by lines and columns (both from 0, in the client's units).</summary>
internal readonly record struct TextSpan(int StartLine, int StartColumn, int EndLine, int EndColumn);

/// <summary>An edit: the span's text becomes <paramref name="Text"/>; without a span, the whole document's does.</summary>
internal readonly record struct TextChange(TextSpan? Span, string Text);
