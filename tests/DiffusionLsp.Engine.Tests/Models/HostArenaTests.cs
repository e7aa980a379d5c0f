using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>The host arena changes its rows as libtorch's arena does.</summary>
public sealed unsafe class HostArenaTests : IDisposable
{
    private const int Slots = 3, Capacity = 12;

    private readonly TinyModel model = new(TinyModel.Shape(1) with { HeadSize = 32, IntermediateSize = 80 }, packed: true); // 2 layers, 2 key heads of 32
    private readonly HostArena arena;
    private readonly TensorArena other;

    public HostArenaTests()
    {
        arena = model.Cpu!.NewArena(Slots, Capacity);
        other = new TensorArena(model.Transformer, Slots, Capacity);
        Fill();
    }

    public void Dispose()
    {
        arena.Dispose();
        other.Dispose();
        model.Dispose();
    }

    [Fact]
    public void They_begin_alike() => AssertAlike();

    [Theory]
    [InlineData(5, 3, 3)]
    [InlineData(4, 1, 4)]
    [InlineData(2, 5, 6)] // over itself
    [InlineData(3, 6, 5)]
    [InlineData(8, 6, 0)]
    public void Rows_move_alike(int from, int to, int count)
    {
        arena.Slots[1].Move(from, to, count);
        other.Slots[1].Move(from, to, count);
        AssertAlike();
    }

    [Fact]
    public void A_slot_is_emptied_alone()
    {
        arena.Slots[1].Clear();
        other.Slots[1].Clear();
        AssertAlike();
    }

    [Fact]
    public void Growing_keeps_what_the_slots_hold()
    {
        arena.Grow(5, 20);
        other.Grow(5, 20);
        Assert.Equal((5, 20), (arena.Slots.Count, arena.Capacity));
        AssertAlike();
    }

    [Fact]
    public void Its_size_is_told()
    {
        Assert.Equal(other.SlotBytes(Capacity), arena.SlotBytes(Capacity));
        Assert.Contains("12 rows", Assert.Throws<InvalidOperationException>(() => arena.Slots[0].Move(0, 10, 3)).Message);
    }

    private void Fill()
    {
        using var noGradient = no_grad();
        var random = new Random(1);
        foreach ((int layer, int slot) in Places())
        {
            var (keys, values) = other.Rows(slot, layer, 0, Capacity); // (1, K, rows, d)
            HostRows rows = arena.Rows(slot, layer);
            foreach ((Tensor tensors, nint memory) in new[] { (keys, (nint)rows.Keys), (values, (nint)rows.Values) })
                for (int head = 0; head < 2; head++)
                {
                    float[] numbers = [.. Enumerable.Range(0, Capacity * 32).Select(_ => random.NextSingle() - 0.5f)];
                    numbers.CopyTo(new Span<float>((float*)memory + head * rows.HeadStride, numbers.Length));
                    tensors[0, head].copy_(tensor(numbers, [Capacity, 32]));
                }
        }
    }

    private void AssertAlike()
    {
        foreach ((int layer, int slot) in Places())
        {
            var (keys, values) = other.Rows(slot, layer, 0, other.Capacity);
            HostRows rows = arena.Rows(slot, layer);
            for (int head = 0; head < 2; head++)
            {
                AssertClose(keys[0, head], rows.Keys + head * rows.HeadStride);
                AssertClose(values[0, head], rows.Values + head * rows.HeadStride);
            }
        }
    }

    private void AssertClose(Tensor wanted, float* found)
    {
        float[] numbers = wanted.contiguous().data<float>().ToArray();
        for (int i = 0; i < numbers.Length; i++) Assert.Equal(numbers[i], found[i], 1e-5f);
    }

    private IEnumerable<(int Layer, int Slot)> Places() => Enumerable.Range(0, 2).SelectMany(layer => Enumerable.Range(0, arena.Slots.Count).Select(slot => (layer, slot)));
}
