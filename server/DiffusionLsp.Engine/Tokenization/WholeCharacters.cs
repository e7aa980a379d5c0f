using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Decodes tokens' bytes to text that ends with a whole character. A byte-level BPE token may end inside one, and so may a
/// truncated text. It knows no tokenizer.
/// </summary>
internal static class WholeCharacters
{
    private const char Joiner = '\u200D';

    /// <summary>
    /// The text before the first byte that belongs to no whole character. If that byte might begin a combining mark or another part of the
    /// last grapheme cluster, the cluster is left out too.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> buffer = bytes.Length <= 512 ? stackalloc char[bytes.Length] : new char[bytes.Length]; // never more UTF-16 units than bytes
        Utf8.ToUtf16(bytes, buffer, out int read, out int written, replaceInvalidSequences: false);
        ReadOnlySpan<char> text = buffer[..written];
        if (read < bytes.Length && MayJoin(text, bytes[read..])) text = text[..LastElement(text)];
        return text.TrimEnd(Joiner).ToString(); // a final joiner has nothing to join
    }

    /// <summary>The index itself, or the start of the surrogate pair that it would split.</summary>
    public static int Start(string text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;

    /// <summary>Whether the bytes are one short of a character, and some such character would extend the last grapheme cluster.</summary>
    private static bool MayJoin(ReadOnlySpan<char> text, ReadOnlySpan<byte> rest)
    {
        if (text.IsEmpty || rest.Length is < 1 or > 3) return false;
        int last = LastElement(text);
        Span<byte> whole = stackalloc byte[4];
        rest.CopyTo(whole);
        for (int end = 0x80; end <= 0xBF; end++)
        {
            whole[rest.Length] = (byte)end;
            if (Rune.DecodeFromUtf8(whole[..(rest.Length + 1)], out Rune rune, out int used) is not System.Buffers.OperationStatus.Done || used != rest.Length + 1) continue;
            if (StringInfo.GetNextTextElementLength(string.Concat(text[last..], rune.ToString())) > text.Length - last) return true;
        }
        return false;
    }

    /// <summary>Where the last grapheme cluster begins.</summary>
    private static int LastElement(ReadOnlySpan<char> text)
    {
        // Long clusters are rare: if none begins within this range, splitting one is acceptable.
        int at = Math.Max(0, text.Length - 32);
        if (at > 0 && char.IsLowSurrogate(text[at])) at--;
        while (at + StringInfo.GetNextTextElementLength(text[at..]) is var next && next < text.Length) at = next;
        return at;
    }
}
