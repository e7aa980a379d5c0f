namespace DiffusionLsp.Server.Documents;

/// <summary>
/// Maps (line, column) to offsets of one text and back. Offsets count UTF-16 code units, columns the client's units. A line ends at LF,
/// CRLF or CR. Places beyond the text are clamped. It knows no documents or LSP types.
/// </summary>
internal sealed class LineIndex
{
    private readonly string text;
    private readonly PositionEncoding encoding;
    private readonly int[] starts;

    public LineIndex(string text, PositionEncoding encoding = PositionEncoding.Utf16)
    {
        this.text = text;
        this.encoding = encoding;
        starts = Starts(text);
    }

    /// <summary>Number of lines; an empty text has one.</summary>
    public int LineCount => starts.Length;

    /// <summary>The offset of a place. A column beyond its line means the end of the line, a line beyond the text its end.</summary>
    public int Offset(int line, int column)
    {
        if (line < 0) return 0;
        if (line >= starts.Length) return text.Length;
        if (encoding is not PositionEncoding.Utf16) column = ColumnUnits.ToUtf16(text.AsSpan(starts[line]..LineEnd(line)), column, encoding);
        return (int)Math.Clamp(starts[line] + (long)column, starts[line], LineEnd(line));
    }

    /// <summary>The place of an offset.</summary>
    public (int Line, int Column) Place(int offset)
    {
        offset = Math.Clamp(offset, 0, text.Length);
        int line = Array.BinarySearch(starts, offset);
        if (line < 0) line = ~line - 1;
        return (line, ColumnUnits.FromUtf16(text.AsSpan(starts[line]..offset), encoding));
    }

    /// <summary>Offset where a line begins.</summary>
    public int LineStart(int line) => starts[line];

    /// <summary>Offset where a line's content ends, before its line break.</summary>
    public int LineEnd(int line)
    {
        int end = line + 1 < starts.Length ? starts[line + 1] : text.Length;
        if (end > starts[line] && text[end - 1] == '\n' && line + 1 < starts.Length) end--;
        if (end > starts[line] && text[end - 1] == '\r' && line + 1 < starts.Length) end--;
        return end;
    }

    private static int[] Starts(string text)
    {
        var starts = new List<int> { 0 };
        for (int at = 0; text.AsSpan(at).IndexOfAny('\r', '\n') is var step and >= 0;)
        {
            at += step;
            at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            starts.Add(at);
        }
        return [.. starts];
    }
}
