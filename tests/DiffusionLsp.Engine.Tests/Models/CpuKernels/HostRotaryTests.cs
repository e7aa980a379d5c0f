using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Tests.Models.CpuKernels;

/// <summary>Rotation against its definition, and moving by positions against rotating at once.</summary>
public sealed unsafe class HostRotaryTests : IDisposable
{
    private const int Size = 64, Rotated = 32;

    private readonly HostRotary rotary = new(TinyModel.Shape(0) with { HeadSize = Size, RotarySize = Rotated, RopeTheta = 10_000 });
    private readonly float* head = HostMemory.Allocate<float>(Size);

    public void Dispose()
    {
        rotary.Dispose();
        HostMemory.Free(head);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(200)]
    public void Pairs_turn_by_their_angles_and_the_other_dimensions_stay(int position)
    {
        float[] before = Fill();
        rotary.Rotate(head, position);
        for (int i = 0; i < Rotated / 2; i++)
        {
            (double sin, double cos) = Math.SinCos(position * Math.Pow(10_000, -2.0 * i / Rotated));
            double a = before[i], b = before[i + Rotated / 2];
            Assert.Equal(a * cos - b * sin, head[i], 1e-5);
            Assert.Equal(b * cos + a * sin, head[i + Rotated / 2], 1e-5);
        }
        for (int i = Rotated; i < Size; i++) Assert.Equal(before[i], head[i]);
    }

    [Theory, InlineData(7, 5), InlineData(100, -60), InlineData(3, 0)]
    public void Moving_by_positions_is_rotating_to_their_sum(int position, int by)
    {
        Fill();
        rotary.Rotate(head, position + by);
        float[] expected = new ReadOnlySpan<float>(head, Size).ToArray();
        Fill();
        rotary.Rotate(head, position);
        rotary.TurnBy(by, (cosines, sines) => rotary.Rotate(head, cosines, sines));
        for (int i = 0; i < Size; i++) Assert.Equal(expected[i], head[i], 1e-5);
    }

    [Fact]
    public void It_knows_every_position_of_the_model() => Assert.Equal((256, Rotated / 2), (rotary.Positions, rotary.Half));

    private float[] Fill()
    {
        var random = new Random(1);
        for (int i = 0; i < Size; i++) head[i] = random.NextSingle() * 2 - 1;
        return new ReadOnlySpan<float>(head, Size).ToArray();
    }
}
