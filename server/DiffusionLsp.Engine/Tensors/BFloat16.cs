using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Numbers in bfloat16: the upper half of a float32.</summary>
internal static class BFloat16
{
    /// <summary>As float32, which loses nothing.</summary>
    /// <param name="to">As many.</param>
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

    /// <summary>From float32.</summary>
    /// <param name="to">As many.</param>
    /// <returns>False: some number is no bfloat16, and lost its lower half.</returns>
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
