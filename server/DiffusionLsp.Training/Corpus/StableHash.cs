using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Hashes for sampling, splitting and shuffling that are the same in every run and on every platform, unlike the randomly seeded
/// <see cref="string.GetHashCode()"/>.
/// </summary>
internal static class StableHash
{
    /// <summary>64 bits of a text's SHA-256.</summary>
    public static ulong Of(string text) => First(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>64 bits of the SHA-256 of a text without its whitespace.</summary>
    public static ulong OfInk(string text)
    {
        char[] ink = new char[text.Length];
        int count = 0;
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c)) ink[count++] = c;
        }
        return First(SHA256.HashData(MemoryMarshal.AsBytes(ink.AsSpan(0, count))));
    }

    private static ulong First(byte[] hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
