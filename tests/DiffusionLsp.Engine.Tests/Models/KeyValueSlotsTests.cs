using DiffusionLsp.Engine.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>Slots may be written anywhere and moved; a moved key is what it would be had it been projected at its new place.</summary>
public sealed class KeyValueSlotsTests : IDisposable
{
    private const int Capacity = 12;

    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly TinyModel model = new(TinyModel.Shape(1) with { Attention = AttentionKind.Full }); // 2 layers, 2 key heads of 8
    private readonly KeyValueSlots slots;

    public KeyValueSlotsTests() => slots = new KeyValueSlots(model.Transformer, Capacity);

    public void Dispose()
    {
        slots.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Rows_written_again_stand_between_the_others()
    {
        slots.Splice(0, 0, 5);
        Write(0, 0, 1, 2, 3, 4, 5);
        var (keys, values) = Write(0, 2, 9, 8);
        AssertKeys([1, 2, 9, 8, 5], keys);
        Assert.Equal([-1f, -2f, -9f, -8f, -5f], Numbers(values));
    }

    [Fact]
    public void Layers_are_apart()
    {
        slots.Splice(0, 0, 2);
        Write(0, 0, 1, 2);
        Write(1, 0, 3, 4);
        AssertKeys([1, 7], Write(0, 1, 7).Keys);
        AssertKeys([3, 7], Write(1, 1, 7).Keys);
    }

    [Theory]
    [InlineData(3, 2, 0)] // a cut
    [InlineData(0, 4, 1)]
    [InlineData(2, 0, 3)] // typing: what follows moves right, over itself
    [InlineData(2, 1, 4)]
    [InlineData(7, 1, 1)]
    [InlineData(6, 2, 0)] // nothing behind
    public void What_stands_behind_moves_and_is_rotated_again(int start, int removed, int inserted)
    {
        slots.Splice(0, 0, 8);
        foreach (int layer in new[] { 0, 1 }) Write(layer, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        slots.Splice(start, removed, inserted);
        List<float> expected = [1, 2, 3, 4, 5, 6, 7, 8];
        expected.RemoveRange(start, removed);
        expected.InsertRange(start, Enumerable.Repeat(50f, inserted));
        Assert.Equal(expected.Count, slots.Length);
        foreach (int layer in new[] { 0, 1 })
        {
            // The last row is written again only to read: its key stays the same.
            int last = expected.Count - 1;
            if (inserted > 0) Write(layer, start, [.. Enumerable.Repeat(50f, inserted)]);
            var (keys, values) = Write(layer, last, expected[last]);
            AssertKeys([.. expected], keys);
            Assert.Equal(expected.Select(v => -v), Numbers(values));
        }
    }

    [Fact]
    public void A_hundred_moves_add_no_error()
    {
        slots.Splice(0, 0, 6);
        Write(0, 0, 1, 2, 3, 4, 5, 6);
        for (int i = 0; i < 100; i++)
        {
            slots.Splice(2, 0, 3);
            slots.Splice(2, 3, 0);
        }
        AssertKeys([1, 2, 3, 4, 5, 6], Write(0, 0, 1).Keys, tolerance: 0);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        slots.Splice(0, 0, Capacity);
        Assert.Contains("12 rows", Assert.Throws<InvalidOperationException>(() => slots.Splice(3, 1, 2)).Message);
        Assert.Equal(Capacity, slots.Length);
        Assert.Throws<InvalidOperationException>(() => Write(0, Capacity - 1, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => slots.Splice(Capacity, 1, 0));
    }

    /// <summary>Rows of constant keys, and their negatives as values.</summary>
    private (Tensor Keys, Tensor Values) Write(int layer, int slot, params float[] numbers)
    {
        var key = tensor(numbers).view(1, 1, numbers.Length, 1).expand(1, 2, numbers.Length, 8).contiguous();
        slots.WriteFrom(slot);
        return slots.Write(layer, key, model.Transformer.Rotated(key, slot), key.neg());
    }

    private void AssertKeys(float[] numbers, Tensor keys, double tolerance = 1e-6)
    {
        var expected = model.Transformer.Rotated(tensor(numbers).view(1, 1, numbers.Length, 1).expand(1, 2, numbers.Length, 8), 0);
        Assert.Equal(expected.shape, keys.shape);
        Assert.InRange((expected - keys).abs().max().item<float>(), 0, tolerance);
    }

    private static float[] Numbers(Tensor all) => [.. all[0, 1].select(1, 0).contiguous().data<float>()];
}
