using System.Text;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// The reversible spelling of bytes as printable characters in byte-level tokenizer files (a space is written "Ġ"). It knows
/// nothing of vocabularies or merges.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(b => Characters[b], b => (byte)b);

    /// <summary>The character that represents a byte.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>Spells bytes as characters.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        foreach (byte value in bytes) text.Append(Characters[value]);
        return text.ToString();
    }

    /// <summary>The bytes that a spelling represents; null: a character is not in the alphabet.</summary>
    public static byte[]? Unspell(string spelling)
    {
        byte[] bytes = new byte[spelling.Length];
        for (int i = 0; i < spelling.Length; i++)
        {
            if (!Bytes.TryGetValue(spelling[i], out bytes[i])) return null;
        }
        return bytes;
    }

    /// <summary>GPT-2's table: printable Latin-1 represents itself, the other bytes map to U+0100 onwards in order.</summary>
    private static char[] BuildCharacters()
    {
        char[] characters = new char[256];
        char next = (char)256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : next++;
        }
        return characters;
    }
}
