using System.Text;

namespace DiffusionLsp.Server.Documents;

/// <summary>What a client's columns count.</summary>
internal enum PositionEncoding
{
    /// <summary>UTF-16 code units: what every LSP client knows, and what C# counts.</summary>
    Utf16,
    /// <summary>Bytes of UTF-8.</summary>
    Utf8,
    /// <summary>Code points.</summary>
    Utf32,
}

/// <summary>Converts columns of one line between the client's units and UTF-16 code units. Pure.</summary>
internal static class ColumnUnits
{
    /// <summary>The encoding for a name of LSP's, or null for one that is not known here.</summary>
    public static PositionEncoding? Named(string? name) => name switch
    {
        "utf-16" => PositionEncoding.Utf16,
        "utf-8" => PositionEncoding.Utf8,
        "utf-32" => PositionEncoding.Utf32,
        _ => null,
    };

    /// <summary>LSP's name.</summary>
    public static string Name(PositionEncoding encoding) => encoding switch
    {
        PositionEncoding.Utf8 => "utf-8",
        PositionEncoding.Utf32 => "utf-32",
        _ => "utf-16",
    };

    /// <summary>The UTF-16 column; one inside a character moves before it, one beyond the line to its end.</summary>
    public static int ToUtf16(ReadOnlySpan<char> line, int column, PositionEncoding encoding)
    {
        int units = 0, at = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            units += Width(rune, encoding);
            if (units > column) break;
            at += rune.Utf16SequenceLength;
        }
        return at;
    }

    /// <summary>The column behind a line's beginning.</summary>
    public static int FromUtf16(ReadOnlySpan<char> beginning, PositionEncoding encoding)
    {
        if (encoding is PositionEncoding.Utf16) return beginning.Length;
        if (encoding is PositionEncoding.Utf8) return Encoding.UTF8.GetByteCount(beginning); // half of a surrogate pair counts as U+FFFD here too
        int units = 0;
        foreach (Rune _ in beginning.EnumerateRunes()) units++;
        return units;
    }

    private static int Width(Rune rune, PositionEncoding encoding) => encoding switch
    {
        PositionEncoding.Utf8 => rune.Utf8SequenceLength,
        PositionEncoding.Utf32 => 1,
        _ => rune.Utf16SequenceLength,
    };
}
