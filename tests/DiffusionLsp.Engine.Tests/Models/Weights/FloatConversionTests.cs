using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models.Weights;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>Stored numbers as libtorch reads them; NaN and infinity are found wherever they are.</summary>
public sealed class FloatConversionTests
{
    [Theory, InlineData(ScalarType.Float16), InlineData(ScalarType.BFloat16)]
    public void Every_number_of_two_bytes_is_what_libtorch_makes_of_it(ScalarType type)
    {
        short[] bits = [.. Enumerable.Range(0, 65_536).Select(i => (short)i)];
        using var stored = empty([bits.Length], type);
        MemoryMarshal.AsBytes<short>(bits).CopyTo(stored.bytes);
        using var wanted = stored.to(ScalarType.Float32);
        var found = new float[bits.Length];
        FloatConversion.ToFloats(MemoryMarshal.AsBytes<short>(bits), type, found);
        Assert.Equal(wanted.data<float>().ToArray(), found); // NaN equals NaN
    }

    [Fact]
    public void Floats_stay_and_what_holds_no_weights_is_refused()
    {
        float[] numbers = [1.5f, -0f, float.MaxValue], found = new float[3];
        FloatConversion.ToFloats(MemoryMarshal.AsBytes<float>(numbers), ScalarType.Float32, found);
        Assert.Equal(numbers, found);
        Assert.Throws<ArgumentOutOfRangeException>(() => FloatConversion.ToFloats(new byte[8], ScalarType.Int64, new float[1]));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 4, 0x7F80_0000u)]
    [InlineData(ScalarType.Float32, 4, 0xFFC0_0001u)]
    [InlineData(ScalarType.BFloat16, 2, 0x7F80u)]
    [InlineData(ScalarType.BFloat16, 2, 0xFFFFu)]
    [InlineData(ScalarType.Float16, 2, 0x7C00u)]
    [InlineData(ScalarType.Float16, 2, 0xFE00u)]
    public void One_number_that_is_none_is_found_wherever_it_stands(ScalarType type, int size, uint bits)
    {
        for (int length = 1; length < 70; length++)
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)0x3B, length * size)];
            Assert.True(FiniteCheck.IsFinite(bytes, type));
            for (int at = 0; at < length; at++)
            {
                byte[] spoiled = [.. bytes];
                for (int i = 0; i < size; i++) spoiled[at * size + i] = (byte)(bits >> (8 * i));
                Assert.False(FiniteCheck.IsFinite(spoiled, type), $"{at} of {length}");
            }
        }
    }
}
