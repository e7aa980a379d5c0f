using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Tests.Tensors;

/// <summary>Every bfloat16 round-trips, at every length around a vector's.</summary>
public sealed class BFloat16Tests
{
    private static readonly ushort[] Every = [.. Enumerable.Range(0, 65_536).Select(i => (ushort)i)];

    [Fact]
    public void Every_number_is_the_float_with_the_same_upper_half()
    {
        var wide = new float[Every.Length];
        BFloat16.Widen(Every, wide);
        Assert.Equal(Every.Select(bits => (uint)bits << 16), wide.Select(BitConverter.SingleToUInt32Bits));
        var back = new ushort[Every.Length];
        Assert.True(BFloat16.TryNarrow(wide, back));
        Assert.Equal(Every, back);
    }

    [Fact]
    public void Rests_behind_the_last_vector_count()
    {
        for (int length = 0; length < 80; length++)
        {
            var wide = new float[length + 1];
            wide[length] = 7;
            BFloat16.Widen(Every.AsSpan(0x3F80, length), wide.AsSpan(0, length));
            Assert.Equal(Enumerable.Range(0x3F80, length).Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)).Append(7), wide);
            if (length == 0) continue;
            wide[length - 1] = 1.001f;
            Assert.False(BFloat16.TryNarrow(wide, new ushort[length + 1]));
        }
    }
}
