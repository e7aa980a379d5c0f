using System.Text;

namespace DiffusionLsp.Server.Documents;

/// <summary>The unit in which a client counts columns.</summary>
internal enum PositionEncoding
{
    /// <summary>UTF-16 code units: supported by every LSP client, and the units of C# strings.</summary>
    Utf16,
    /// <summary>UTF-8 bytes.</summary>
    Utf8,
    /// <summary>Code points.</summary>
    Utf32,
}

/// <summary>Converts columns of one line between the client's units and UTF-16 code units. Pure.</summary>
internal static class ColumnUnits
{
    /// <summary>The encoding with an LSP name; null: unknown.</summary>
    public static PositionEncoding? Named(string? name) => name switch
    {
        "utf-16" => PositionEncoding.Utf16,
        "utf-8" => PositionEncoding.Utf8,
        "utf-32" => PositionEncoding.Utf32,
        _ => null,
    };

    /// <summary>The encoding's LSP name.</summary>
    public static string Name(PositionEncoding encoding) => encoding switch
    {
        PositionEncoding.Utf8 => "utf-8",
        PositionEncoding.Utf32 => "utf-32",
        _ => "utf-16",
    };

    /// <summary>The UTF-16 column; a column inside a character moves to its start, one beyond the line to its end.</summary>
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

    /// <summary>The column after the beginning of a line.</summary>
    public static int FromUtf16(ReadOnlySpan<char> beginning, PositionEncoding encoding)
    {
        if (encoding is PositionEncoding.Utf16) return beginning.Length;
        if (encoding is PositionEncoding.Utf8) return Encoding.UTF8.GetByteCount(beginning); // half of a surrogate pair counts as U+FFFD, as in ToUtf16
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
