using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>Slots do not affect each other and keep their contents while the arena grows, and a moved key equals one projected at its new position.</summary>
public sealed class KeyValueArenaTests : IDisposable
{
    private const int Capacity = 12;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TinyModel model = new(TinyModel.Shape(1) with { Attention = AttentionKind.Full }); // 2 layers, 2 key heads of 8
    private readonly TensorArena arena;
    private readonly KeyValueSlot slot;

    public KeyValueArenaTests()
    {
        arena = new TensorArena(model.Transformer, 3, Capacity);
        slot = arena.Slots[1];
    }

    public void Dispose()
    {
        arena.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Rows_written_again_stand_between_the_others()
    {
        Write(slot, 0, 0, 5, 1, 2, 3, 4, 5);
        var (keys, values) = Write(slot, 0, 2, 5, 9, 8);
        AssertKeys([1, 2, 9, 8, 5], keys);
        Assert.Equal([-1f, -2f, -9f, -8f, -5f], Numbers(values));
    }

    [Fact]
    public void Layers_and_slots_are_apart()
    {
        foreach (int layer in new[] { 0, 1 })
            foreach (KeyValueSlot each in arena.Slots) Write(each, layer, 0, Capacity, [.. Enumerable.Repeat(100f * layer + 10 * each.Index + 1, Capacity)]);
        foreach (int layer in new[] { 0, 1 })
            foreach (KeyValueSlot each in arena.Slots) AssertKeys([.. Enumerable.Repeat(100f * layer + 10 * each.Index + 1, Capacity)], Held(each, layer).Keys);
        slot.Clear();
        Assert.All(Numbers(Held(slot, 1).Values), v => Assert.Equal(0, v));
        AssertKeys([.. Enumerable.Repeat(121f, Capacity)], Held(arena.Slots[2], 1).Keys);
    }

    [Theory]
    [InlineData(5, 3, 3)] // a cut
    [InlineData(4, 1, 4)]
    [InlineData(2, 5, 6)] // typing: what follows moves right, over itself
    [InlineData(3, 6, 5)]
    [InlineData(8, 6, 0)] // nothing moves
    public void What_moves_is_rotated_to_its_new_place(int from, int to, int count)
    {
        foreach (int layer in new[] { 0, 1 }) Write(slot, layer, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8);
        slot.Move(from, to, count);
        foreach (int layer in new[] { 0, 1 })
        {
            var (keys, values) = Held(slot, layer);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(-(from + i + 1f), Numbers(values)[to + i]);
                AssertKey(from + i + 1, to + i, keys, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 2e-5)]
    [InlineData(ScalarType.BFloat16, 0.06)] // 3 % of the largest element: each move rounds once
    public void Moves_add_no_more_than_their_rounding(ScalarType type, double most)
    {
        using var other = new KeyValueArenaFixture(type);
        KeyValueSlot moved = other.Arena.Slots[0];
        Write(moved, 0, 0, 6, 1, 1.5f, 2, 1.25f, 1.75f, 1);
        for (int i = 0; i < 16; i++)
        {
            moved.Move(2, 5, 4);
            moved.Move(5, 2, 4);
        }
        var keys = Held(moved, 0).Keys.to(ScalarType.Float32);
        float[] expected = [1, 1.5f, 2, 1.25f, 1.75f, 1];
        for (int i = 0; i < 6; i++) AssertKey(expected[i], i, keys, most);
    }

    [Fact]
    public void Growing_keeps_what_the_slots_hold()
    {
        foreach (KeyValueSlot each in arena.Slots) Write(each, 1, 0, 4, 1 + each.Index, 2, 3, 4);
        arena.Grow(5, 20);
        Assert.Equal((5, 20, 20), (arena.Slots.Count, arena.Capacity, slot.Capacity));
        Assert.Same(slot, arena.Slots[1]);
        for (int i = 0; i < 3; i++) AssertKeys([1 + i, 2, 3, 4], Held(arena.Slots[i], 1, 4).Keys);
        Assert.All(Numbers(Held(arena.Slots[4], 1).Values), v => Assert.Equal(0, v));
        arena.Grow(1, 1);
        Assert.Equal((5, 20), (arena.Slots.Count, arena.Capacity));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Contains("12 rows", Assert.Throws<InvalidOperationException>(() => slot.Begin(0, Capacity + 1)).Message);
        Assert.Throws<InvalidOperationException>(() => slot.Move(0, 10, 3));
        slot.Begin(Capacity - 1, Capacity);
        Assert.Throws<InvalidOperationException>(() => arena.Write(slot, 0, zeros(1, 2, 2, 8), zeros(1, 2, 2, 8)));
    }

    /// <summary>Rows of constant keys, rotated to their places, and their negatives as values.</summary>
    private (Tensor Keys, Tensor Values) Write(KeyValueSlot to, int layer, int first, int seen, params float[] numbers)
    {
        var key = tensor(numbers).view(1, 1, numbers.Length, 1).expand(1, 2, numbers.Length, 8).contiguous();
        to.Begin(first, seen);
        return ((TensorArena)to.Arena).Write(to, layer, cat([.. numbers.Select((_, i) => model.Transformer.Turned(key.narrow(2, i, 1), first + i))], 2), key.neg());
    }

    private static (Tensor Keys, Tensor Values) Held(KeyValueSlot of, int layer, int rows = 0) => ((TensorArena)of.Arena).Rows(of.Index, layer, 0, rows == 0 ? of.Capacity : rows);

    private void AssertKeys(float[] expected, Tensor keys)
    {
        for (int i = 0; i < expected.Length; i++) AssertKey(expected[i], i, keys, 1e-4 * Math.Abs(expected[i]) + 1e-5);
    }

    private void AssertKey(float expected, int row, Tensor keys, double most)
    {
        var turned = model.Transformer.Turned(full([8], expected), row);
        foreach (int head in new[] { 0, 1 })
            Assert.True(keys[0, head, row].sub(turned).abs().max().item<float>() < most, $"row {row}: {keys[0, head, row]} is not {turned}");
    }

    private static float[] Numbers(Tensor values) => [.. values[0, 1].select(1, 0).contiguous().data<float>()];

    /// <summary>An arena of a model in another type.</summary>
    private sealed class KeyValueArenaFixture : IDisposable
    {
        private readonly Dictionary<string, Tensor> weights;
        private readonly Transformer transformer;

        public KeyValueArenaFixture(ScalarType type)
        {
            ModelConfig config = TinyModel.Shape(1) with { Attention = AttentionKind.Full };
            weights = ParameterTable.Shapes(config).ToDictionary(p => p.Key, p => zeros(p.Value, type).DetachFromDisposeScope());
            using var noGradient = no_grad();
            transformer = new Transformer(config, weights);
            Arena = new TensorArena(transformer, 1, Capacity);
        }

        public TensorArena Arena { get; }

        public void Dispose()
        {
            Arena.Dispose();
            transformer.Dispose();
            foreach (Tensor tensor in weights.Values) tensor.Dispose();
        }
    }
}
