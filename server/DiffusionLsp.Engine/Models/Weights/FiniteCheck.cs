using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>Finds NaN and infinity in a tensor's bytes without creating the tensor: all their exponent bits are set. Needs no libtorch.</summary>
internal static class FiniteCheck
{
    /// <summary>Whether every number is finite.</summary>
    /// <param name="type">A floating-point type of <see cref="SafetensorsTypes"/>.</param>
    public static bool IsFinite(ReadOnlySpan<byte> bytes, ScalarType type) => type switch
    {
        ScalarType.Float32 => !Has(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000u),
        ScalarType.BFloat16 => !Has(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
        ScalarType.Float16 => !Has(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7C00),
        _ => true,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Has<T>(ReadOnlySpan<T> numbers, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        int lanes = Vector<T>.Count, i = 0;
        var wanted = new Vector<T>(exponent);
        for (; i + lanes <= numbers.Length; i += lanes)
            if (Vector.EqualsAny(new Vector<T>(numbers[i..]) & wanted, wanted)) return true;
        for (; i < numbers.Length; i++)
            if ((numbers[i] & exponent) == exponent) return true;
        return false;
    }
}
