using System.Buffers;
using System.Globalization;
using System.Text;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// The header of a message: where it is in a stream, and what it announces. A line that ends with a Content-Length marks a header,
/// whatever precedes it: no JSON string contains a line break, so no message contains such a line. It knows nothing of skipped bytes.
/// </summary>
/// <param name="Start">Offset of the first Content-Length.</param>
/// <param name="End">Offset of the message body.</param>
/// <param name="Lengths">The distinct announced lengths, in ascending order.</param>
/// <param name="Charset">The charset of a Content-Type; null: none.</param>
internal sealed record FrameHeader(long Start, long End, IReadOnlyList<long> Lengths, string? Charset)
{
    /// <summary>Maximum length of a header in bytes.</summary>
    public const int Most = 4096;

    private const int LongestLengthLine = 80;
    private const string Name = "content-length";
    private static readonly SearchValues<char> FieldName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The first header in the bytes.</summary>
    /// <param name="searched">Leading bytes that certainly contain no header; increases, so that no byte is searched twice.</param>
    /// <returns>Null: there is none, or its end has not arrived.</returns>
    public static FrameHeader? Find(in ReadOnlySequence<byte> bytes, ref long searched)
    {
        while (NextLength(bytes, ref searched, out long start) is { } first)
        {
            FrameHeader? header = Read(bytes, start, searched, first, out long again);
            if (header is not null) return header;
            if (again < 0)
            {
                searched = start; // its end has not arrived
                return null;
            }
            searched = again;
        }
        return null;
    }

    /// <summary>Whether a line with a Content-Length ends in the bytes.</summary>
    public static bool IsIn(in ReadOnlySequence<byte> bytes, ref long searched) => NextLength(bytes, ref searched, out _) is not null;

    /// <summary>Whether the bytes may precede a Content-Length: other header fields, empty lines, a byte order mark.</summary>
    public static bool MayPrecede(string text) =>
        text.Split('\n').Select(line => line.Trim('\r', ' ', '\t', '\uFEFF')).All(line => line.Length == 0 || IsField(line));

    /// <summary>Decodes header bytes; never fails.</summary>
    public static string Text(in ReadOnlySequence<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Reads the header whose first Content-Length is known, up to its empty line.</summary>
    /// <param name="again">Where to continue searching if it is not a header; negative: its end has not arrived.</param>
    private static FrameHeader? Read(in ReadOnlySequence<byte> bytes, long start, long next, long first, out long again)
    {
        var lengths = new SortedSet<long> { first };
        string? charset = CharsetIn(Text(bytes.Slice(Math.Max(0, start - Most), Math.Min(start, Most))));
        var reader = new SequenceReader<byte>(bytes.Slice(next, Math.Min(bytes.Length - next, Most)));
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            again = next + reader.Consumed - line.Length - 1;
            string text = Text(line).TrimEnd('\r');
            if (text.Length == 0) return new FrameHeader(start, next + reader.Consumed, [.. lengths], charset);
            if (LengthAtEnd(text) is not var (length, column)) charset ??= CharsetIn(text);
            else if (column == 0) lengths.Add(length);
            else return null; // the empty line and the message are missing, and another header begins in this line
        }
        again = bytes.Length - next < Most ? -1 : next;
        return null;
    }

    /// <summary>The length in the next line that ends with one, and where its field name begins.</summary>
    private static long? NextLength(in ReadOnlySequence<byte> bytes, ref long searched, out long start)
    {
        start = 0;
        var reader = new SequenceReader<byte>(bytes);
        reader.Advance(searched);
        while (reader.TryAdvanceTo((byte)'\n'))
        {
            searched = reader.Consumed;
            long from = Math.Max(0, searched - 1 - LongestLengthLine);
            // One look at a line's end rules out most lines of a message formatted over several lines.
            if (!MayBeLength(bytes, reader, searched - 1)) continue;
            string line = Encoding.Latin1.GetString(bytes.Slice(from, searched - 1 - from)).TrimEnd('\r');
            if (LengthAtEnd(line) is not var (length, column)) continue;
            start = from + column;
            return length;
        }
        searched = bytes.Length; // the line is incomplete; its end will be examined
        return null;
    }

    private static bool MayBeLength(in ReadOnlySequence<byte> bytes, in SequenceReader<byte> reader, long end)
    {
        if (end == 0) return false;
        int index = reader.CurrentSpanIndex - 2; // the reader is after the line feed
        byte last = index >= 0 ? reader.CurrentSpan[index] : bytes.Slice(end - 1, 1).FirstSpan[0];
        return last is (>= (byte)'0' and <= (byte)'9') or (byte)'\r' or (byte)' ' or (byte)'\t';
    }

    /// <summary>"Content-Length: 12" at the end of a line, in any case; a number too large for a long becomes the largest.</summary>
    private static (long Length, int Column)? LengthAtEnd(string line)
    {
        int colon = line.LastIndexOf(':');
        if (colon < Name.Length || line.AsSpan(colon + 1).Trim(" \t") is not { Length: > 0 } digits || digits.ContainsAnyExceptInRange('0', '9')) return null;
        ReadOnlySpan<char> before = line.AsSpan(0, colon).TrimEnd(" \t");
        if (!before.EndsWith(Name, StringComparison.OrdinalIgnoreCase)) return null;
        return (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long length) ? length : long.MaxValue, before.Length - Name.Length);
    }

    private static bool IsField(string line) =>
        line.IndexOf(':') is > 0 and var colon && line.AsSpan(0, colon).IndexOfAnyExcept(FieldName) < 0;

    private static string? CharsetIn(string fields)
    {
        foreach (string line in fields.Split('\n'))
        {
            if (!line.StartsWith("Content-Type", StringComparison.OrdinalIgnoreCase)) continue;
            int at = line.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
            if (at >= 0) return line[(at + "charset=".Length)..].Split(';')[0].Trim(' ', '\t', '\r', '"', '\'');
        }
        return null;
    }
}
