using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>Converts the floating-point types of <see cref="SafetensorsTypes"/> to float32, which represents all their values exactly. Needs no libtorch.</summary>
internal static class FloatConversion
{
    /// <param name="bytes">A whole number of elements of the type.</param>
    /// <param name="to">Room for at least as many elements.</param>
    public static void ToFloats(ReadOnlySpan<byte> bytes, ScalarType type, Span<float> to)
    {
        switch (type)
        {
            case ScalarType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(to);
                break;
            case ScalarType.BFloat16:
                BFloat16.Widen(MemoryMarshal.Cast<byte, ushort>(bytes), to);
                break;
            case ScalarType.Float16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < halves.Length; i++) to[i] = (float)halves[i];
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "This type cannot hold weights.");
        }
    }
}
