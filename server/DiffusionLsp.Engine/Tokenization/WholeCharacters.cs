using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// The bytes of tokens as text that ends with a whole character. A token of byte-level BPE may end inside one, and so may a
/// text that a limit cuts off. It knows no tokenizer.
/// </summary>
internal static class WholeCharacters
{
    private const char Joiner = '\u200D';

    /// <summary>
    /// The text before the first byte that belongs to no whole character. If that byte begins what could be a combining mark
    /// or another part of the last character as people see it, that character is left out too.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> buffer = bytes.Length <= 512 ? stackalloc char[bytes.Length] : new char[bytes.Length]; // never more units than bytes
        Utf8.ToUtf16(bytes, buffer, out int read, out int written, replaceInvalidSequences: false);
        ReadOnlySpan<char> text = buffer[..written];
        if (read < bytes.Length && MayJoin(text, bytes[read..])) text = text[..LastElement(text)];
        return text.TrimEnd(Joiner).ToString(); // nothing follows that it could join
    }

    /// <summary>An index of a text, moved before the surrogate pair whose middle it is in.</summary>
    public static int Start(string text, int at) =>
        at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;

    /// <summary>Whether the bytes lack only one to be a character, and one such character would join the last one.</summary>
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

    /// <summary>Where the last character as people see it begins.</summary>
    private static int LastElement(ReadOnlySpan<char> text)
    {
        // A character of many marks is rare: where none begins nearby, one UTF-16 unit is as good.
        int at = Math.Max(0, text.Length - 32);
        if (at > 0 && char.IsLowSurrogate(text[at])) at--;
        while (at + StringInfo.GetNextTextElementLength(text[at..]) is var next && next < text.Length) at = next;
        return at;
    }
}
