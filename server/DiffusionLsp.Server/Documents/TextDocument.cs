namespace DiffusionLsp.Server.Documents;

/// <summary>
/// One open document at one version: immutable, so a reader keeps what it was handed while the user types on. Its text is
/// what the client sent, code unit by code unit; half of a surrogate pair may stand in it for a while.
/// It knows nothing of files, of LSP types or of completions.
/// </summary>
internal sealed class TextDocument
{
    private readonly PositionEncoding encoding;
    private readonly Lazy<LineIndex> lines;

    /// <param name="uri">In the client's spelling.</param>
    /// <param name="encoding">What the columns count that its client speaks of.</param>
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

    /// <summary>The name that is the same in all spellings (<see cref="DocumentUri"/>).</summary>
    public string Uri { get; }

    /// <summary>The URI as the client spells it: what it is told.</summary>
    public string ClientUri { get; }

    public string LanguageId { get; }

    public long Version { get; }

    public string Text { get; }

    /// <summary>False after a change that could not be applied: the client's text is another one then, until it sends all of it.</summary>
    public bool IsInStep { get; private init; } = true;

    public LineIndex Lines => lines.Value;

    /// <summary>The offset of a cursor; one inside a surrogate pair moves before it, so that no half of a character is left.</summary>
    public int CursorOffset(int line, int column)
    {
        int offset = Lines.Offset(line, column);
        bool splitsPair = offset > 0 && offset < Text.Length && char.IsHighSurrogate(Text[offset - 1]) && char.IsLowSurrogate(Text[offset]);
        return splitsPair ? offset - 1 : offset;
    }

    /// <summary>The next version, with the changes applied one after the other, in time that grows with text plus changes.</summary>
    /// <param name="changes">Null stands for one that could not be read: the document is out of step then, unless a whole text follows.</param>
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

    /// <summary>The same document after a change of which nothing could be read.</summary>
    public TextDocument OutOfStep() => WithText(Version, Text, isInStep: false);

    private TextDocument WithText(long version, string text, bool isInStep) => new(Uri, ClientUri, LanguageId, version, text, encoding) { IsInStep = isInStep };

    private string Edited(string text, TextChange?[] edits)
    {
        if (edits.Length == 0) return text;
        if (edits is [{ Span: { } span } only] && ReferenceEquals(text, Text))
        {
            // What is typed: the line index is there already.
            int start = Lines.Offset(span.StartLine, span.StartColumn), end = Lines.Offset(span.EndLine, span.EndColumn);
            return string.Concat(text.AsSpan(0, Math.Min(start, end)), only.Text, text.AsSpan(Math.Max(start, end)));
        }
        var edited = new EditedText(text, encoding);
        foreach (TextChange? edit in edits) edited.Replace(edit!.Value.Span!.Value, edit.Value.Text);
        return edited.ToString();
    }
}

/// <summary>A stretch of text by lines and columns (both from 0, in the client's units). Either end may be the first.</summary>
internal readonly record struct TextSpan(int StartLine, int StartColumn, int EndLine, int EndColumn);

/// <summary>An edit: the span's text becomes <paramref name="Text"/>; without a span, the whole document's does.</summary>
internal readonly record struct TextChange(TextSpan? Span, string Text);
