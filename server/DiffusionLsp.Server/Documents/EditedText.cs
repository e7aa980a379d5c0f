using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// A text during many consecutive edits, in pieces of about √length characters, so that an edit costs about √length instead of copying
/// and re-indexing everything. Positions have the meaning that <see cref="LineIndex"/> gives them in the current text. Not
/// thread-safe. It knows no documents or LSP types.
/// </summary>
internal sealed class EditedText
{
    private const int ShortestPiece = 512;

    private readonly PositionEncoding encoding;
    private readonly int target; // length of new pieces in UTF-16 code units
    private readonly List<Piece> pieces;

    public EditedText(string text, PositionEncoding encoding)
    {
        this.encoding = encoding;
        target = Math.Max(ShortestPiece, (int)Math.Sqrt(text.Length));
        pieces = Cut(text);
    }

    /// <summary>Replaces a span with a text. If a span's end precedes its start, the text between the two is meant.</summary>
    public void Replace(TextSpan span, string text)
    {
        Place start = Find(span.StartLine, span.StartColumn), end = Find(span.EndLine, span.EndColumn);
        if (end.Piece < start.Piece || (end.Piece == start.Piece && end.At < start.At)) (start, end) = (end, start);
        int first = start.Piece, last = end.Piece;
        string content = string.Concat(pieces[first].Text.AsSpan(0, start.At), text, pieces[last].Text.AsSpan(end.At));
        if (content.Length == 0 && last + 1 < pieces.Count) content = pieces[++last].Text;
        if (first > 0 && content.Length > 0 && IsPair(pieces[first - 1].Text[^1], content[0])) content = pieces[--first].Text + content;
        if (last + 1 < pieces.Count && content.Length > 0 && IsPair(content[^1], pieces[last + 1].Text[0])) content += pieces[++last].Text;
        Put(first, last - first + 1, content);
    }

    /// <summary>The current text.</summary>
    public override string ToString() => string.Concat(pieces.Select(piece => piece.Text).ToArray());

    private void Put(int first, int count, string content)
    {
        if (count == 1 && content.Length > 0 && content.Length <= 2 * target)
        {
            pieces[first] = Of(content);
            return;
        }
        pieces.RemoveRange(first, count);
        pieces.InsertRange(first, Cut(content));
        if (pieces.Count == 0) pieces.Add(Of(""));
    }

    /// <summary>The place of a line and column; beyond the line or the text, its end.</summary>
    private Place Find(int line, int column)
    {
        if (line < 0) return default;
        int piece = PieceOf(CollectionsMarshal.AsSpan(pieces), ref line);
        if (piece == pieces.Count) return End;
        // The line begins in this piece or right after it.
        string text = pieces[piece].Text;
        int at = 0;
        for (; line > 0; line--) at = AfterBreak(text, at);
        return Along(piece, at, Math.Max(0, column));
    }

    /// <summary>The piece in or right after which a line begins; the line is then counted from that piece.</summary>
    // The innermost loop of many edits, which finish before tiered compilation would detect that it is hot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PieceOf(ReadOnlySpan<Piece> pieces, ref int line)
    {
        int piece = 0, left = line;
        for (; piece < pieces.Length && pieces[piece].Breaks < left; piece++) left -= pieces[piece].Breaks;
        line = left;
        return piece;
    }

    /// <summary>Walks along a line from its beginning. No piece ends inside a character or a line break, so the pieces' columns add up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Place Along(int piece, int at, int column)
    {
        for (; ; piece++, at = 0)
        {
            string text = pieces[piece].Text;
            bool isWhole = at == 0 && pieces[piece].Breaks == 0;
            if (!isWhole || column < pieces[piece].Units)
            {
                int lineBreak = pieces[piece].Breaks == 0 ? -1 : text.AsSpan(at).IndexOfAny('\r', '\n');
                ReadOnlySpan<char> line = lineBreak < 0 ? text.AsSpan(at) : text.AsSpan(at, lineBreak);
                int along = encoding is PositionEncoding.Utf16 ? Math.Min(column, line.Length) : ColumnUnits.ToUtf16(line, column, encoding);
                if (along < line.Length || lineBreak >= 0 || piece + 1 == pieces.Count) return new Place(piece, at + along);
                column -= ColumnUnits.FromUtf16(line, encoding);
            }
            else
            {
                if (piece + 1 == pieces.Count) return End;
                column -= pieces[piece].Units;
            }
        }
    }

    private Place End => new(pieces.Count - 1, pieces[^1].Text.Length);

    private static int AfterBreak(string text, int at)
    {
        at += text.AsSpan(at).IndexOfAny('\r', '\n');
        return at + (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1);
    }

    /// <summary>Splits a text into pieces, which are non-empty unless the text is empty.</summary>
    private List<Piece> Cut(string text)
    {
        var cut = new List<Piece>(text.Length / target + 1);
        if (text.Length <= 2 * target)
        {
            if (text.Length > 0 || pieces is null) cut.Add(Of(text));
            return cut;
        }
        for (int start = 0; start < text.Length;)
        {
            int end = Math.Min(text.Length, start + target);
            if (end < text.Length && IsPair(text[end - 1], text[end])) end--;
            cut.Add(Of(text[start..end]));
            start = end;
        }
        return cut;
    }

    private Piece Of(string text) => new(text, BreaksIn(text), ColumnUnits.FromUtf16(text, encoding));

    private static int BreaksIn(ReadOnlySpan<char> text)
    {
        int breaks = text.Count('\n');
        for (int at = 0; text[at..].IndexOf('\r') is var step and >= 0;)
        {
            at += step + 1;
            if (at == text.Length || text[at] != '\n') breaks++;
        }
        return breaks;
    }

    /// <summary>Whether two code units must stay together: those of a character, or of a line break.</summary>
    private static bool IsPair(char first, char second) => (first == '\r' && second == '\n') || (char.IsHighSurrogate(first) && char.IsLowSurrogate(second));

    /// <param name="Breaks">Number of line breaks in the text.</param>
    /// <param name="Units">Its length in the client's units.</param>
    private readonly record struct Piece(string Text, int Breaks, int Units);

    /// <summary>A place between two code units; between two pieces it may be the end of the first or the start of the second.</summary>
    private readonly record struct Place(int Piece, int At);
}
