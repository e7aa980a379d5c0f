using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Conversion of bfloat16, the upper half of a float32.</summary>
internal static class BFloat16
{
    /// <summary>Converts to float32, which is exact.</summary>
    /// <param name="to">Of the same length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(to);
        int lanes = Vector<ushort>.Count, i = 0;
        for (; i + lanes <= from.Length; i += lanes)
        {
            Vector.Widen(new Vector<ushort>(from[i..]), out Vector<uint> low, out Vector<uint> high);
            Vector.ShiftLeft(low, 16).CopyTo(bits[i..]);
            Vector.ShiftLeft(high, 16).CopyTo(bits[(i + lanes / 2)..]);
        }
        for (; i < from.Length; i++) bits[i] = (uint)from[i] << 16;
    }

    /// <summary>Converts from float32 by truncation.</summary>
    /// <param name="to">Of the same length.</param>
    /// <returns>False: some number is not representable in bfloat16 and lost its lower half.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryNarrow(ReadOnlySpan<float> from, Span<ushort> to)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(from);
        uint lost = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            lost |= bits[i] & 0xFFFF;
            to[i] = (ushort)(bits[i] >> 16);
        }
        return lost == 0;
    }
}
