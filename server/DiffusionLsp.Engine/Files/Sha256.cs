using System.Buffers.Binary;
using System.Numerics;

namespace DiffusionLsp.Engine.Files;

/// <summary>SHA-256 (FIPS 180-4) in managed code, incremental or in one go. For fingerprints only: it is not hardened against side channels.</summary>
/// <remarks>.NET's own uses OpenSSL on Linux: without it the process ends, and with it loading costs time and memory.</remarks>
public sealed class Sha256
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int Bytes = 32;

    private const int BlockBytes = 64;

    private static readonly uint[] Constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private readonly uint[] state = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    private readonly byte[] pending = new byte[BlockBytes];
    private int waiting;
    private long length;

    /// <summary>The hash of some bytes.</summary>
    /// <returns>32 bytes.</returns>
    public static byte[] Of(ReadOnlySpan<byte> content)
    {
        var hash = new Sha256();
        hash.Append(content);
        return hash.Finish();
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        length += content.Length;
        if (waiting > 0)
        {
            int taken = Math.Min(BlockBytes - waiting, content.Length);
            content[..taken].CopyTo(pending.AsSpan(waiting));
            waiting += taken;
            content = content[taken..];
            if (waiting < BlockBytes) return;
            Block(pending);
            waiting = 0;
        }
        for (; content.Length >= BlockBytes; content = content[BlockBytes..]) Block(content);
        content.CopyTo(pending);
        waiting = content.Length;
    }

    /// <summary>The hash of everything appended; nothing can be appended afterwards.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] Finish()
    {
        long bits = length * 8;
        Span<byte> end = stackalloc byte[BlockBytes + 8 + 1];
        end.Clear();
        end[0] = 0x80;
        int zeros = (BlockBytes + 56 - 1 - waiting) % BlockBytes;
        BinaryPrimitives.WriteInt64BigEndian(end[(1 + zeros)..], bits);
        Append(end[..(1 + zeros + 8)]);
        var hash = new byte[Bytes];
        for (int i = 0; i < state.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), state[i]);
        return hash;
    }

    private void Block(ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[64];
        for (int i = 0; i < 16; i++) words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        for (int i = 16; i < 64; i++)
        {
            uint early = words[i - 15], late = words[i - 2];
            words[i] = words[i - 16] + words[i - 7]
                + (BitOperations.RotateRight(early, 7) ^ BitOperations.RotateRight(early, 18) ^ (early >> 3))
                + (BitOperations.RotateRight(late, 17) ^ BitOperations.RotateRight(late, 19) ^ (late >> 10));
        }
        (uint a, uint b, uint c, uint d, uint e, uint f, uint g, uint h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (int i = 0; i < 64; i++)
        {
            uint first = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + Constants[i] + words[i];
            uint second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
}
