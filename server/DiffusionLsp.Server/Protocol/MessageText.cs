using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Repairs a message's bytes to valid text, as every decoder does: invalid UTF-8 becomes U+FFFD. Half of a surrogate pair is kept as an
/// escape, because the other half may come with the next edit. Of JSON it knows only the escapes.
/// </summary>
internal static class MessageText
{
    private const int EscapeLength = 6; // \uD83D
    private static readonly byte[] Replacement = "\\ufffd"u8.ToArray();

    /// <summary>Valid UTF-8 without a byte order mark; the same array if the bytes are valid already.</summary>
    public static byte[] Repaired(byte[] bytes)
    {
        ReadOnlySpan<byte> text = bytes;
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        if (Utf8.IsValid(text)) return text.Length == bytes.Length ? bytes : text.ToArray();
        var repaired = new ArrayBufferWriter<byte>(text.Length + 64);
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf8(text, out _, out int length) == OperationStatus.Done) repaired.Write(text[..length]);
            else if (IsHalfPair(text))
            {
                length = 3;
                repaired.Write(Encoding.ASCII.GetBytes($"\\u{0xD000 | ((text[1] & 0x3F) << 6) | (text[2] & 0x3F):x4}"));
            }
            else repaired.Write("\uFFFD"u8);
            text = text[length..];
        }
        return repaired.WrittenSpan.ToArray();
    }

    /// <summary>Whether escapes in a JSON string's content denote half of a surrogate pair.</summary>
    public static bool HasHalfPair(ReadOnlySpan<byte> inside) => NextHalfPair(inside, 0) >= 0;

    /// <summary>Replaces each half of a surrogate pair with U+FFFD, as an escape of the same length.</summary>
    /// <param name="inside">The content of a JSON string.</param>
    public static void ReplaceHalfPairs(Span<byte> inside)
    {
        for (int at = 0; (at = NextHalfPair(inside, at)) >= 0; at += EscapeLength) Replacement.CopyTo(inside[at..]);
    }

    private static int NextHalfPair(ReadOnlySpan<byte> inside, int at)
    {
        while (inside[at..].IndexOf((byte)'\\') is >= 0 and var next)
        {
            at += next;
            if (UnitAt(inside, at) is not { } unit) at += 2; // an escape of one character
            else if (!char.IsSurrogate(unit)) at += EscapeLength;
            else if (char.IsHighSurrogate(unit) && UnitAt(inside, at + EscapeLength) is { } low && char.IsLowSurrogate(low)) at += 2 * EscapeLength;
            else return at;
        }
        return -1;
    }

    /// <summary>The code unit of an escape \uXXXX at a position; null: there is none.</summary>
    private static char? UnitAt(ReadOnlySpan<byte> inside, int at) =>
        at + EscapeLength <= inside.Length && inside[at] == '\\' && inside[at + 1] == 'u'
            && ushort.TryParse(inside.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit) ? (char)unit : null;

    /// <summary>Half a pair encoded in three bytes as if it were a character (CESU-8), as some clients do.</summary>
    private static bool IsHalfPair(ReadOnlySpan<byte> text) => text.Length >= 3 && text[0] == 0xED && text[1] is >= 0xA0 and <= 0xBF && text[2] is >= 0x80 and <= 0xBF;
}
