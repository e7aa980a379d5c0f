using DiffusionLsp.Engine.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>The transformer against an independent one in float64: every shape, every kind of mask, with and without a cache.</summary>
public sealed class TransformerTests
{
    private const int Rows = 13;

    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 16)];

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_causally(int variant) => Check(variant, AttentionScope.Strict, (row, column) => column <= row);

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_in_full(int variant) => Check(variant, AttentionScope.Full, (_, _) => true);

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_under_any_mask(int variant)
    {
        var random = new Random(variant);
        bool[,] visible = new bool[Rows, Rows];
        for (int r = 0; r < Rows; r++)
            for (int c = 0; c < Rows; c++) visible[r, c] = r == c || random.Next(2) == 0;
        Check(variant, new AttentionScope(null, tensor(visible), false), (row, column) => visible[row, column]);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_with_causal_and_masked_rows_together(int variant)
    {
        // As in training: 7 clean rows, then two blocks that see the clean rows before them and themselves.
        const int clean = 7;
        int[] starts = [.. Enumerable.Repeat(3, 3), .. Enumerable.Repeat(5, 3)];
        bool Visible(int row, int column) => row < clean ? column <= row
            : column < clean ? column < starts[row - clean] : starts[row - clean] == starts[column - clean];
        bool[,] mask = new bool[Rows - clean, Rows];
        for (int r = clean; r < Rows; r++)
            for (int c = 0; c < Rows; c++) mask[r - clean, c] = Visible(r, c);
        Check(variant, new AttentionScope(null, tensor(mask), true) { CausalRows = clean }, Visible, [0, 1, 2, 3, 4, 5, 6, 3, 4, 5, 5, 6, 7]);
    }

    /// <summary>On a GPU each operator is a launch that the host makes, and its launches are what a forward takes (docs/PERFORMANCE.md).</summary>
    [Theory]
    [InlineData(0, 45)] // plain; 54 before queries and keys were turned together and additions rode in products
    [InlineData(7, 55)] // 70 before; shared key heads, norms of queries and keys, biases
    public void A_layer_takes_few_operators(int variant, int most)
    {
        long Made(int layers)
        {
            using var model = new TinyModel(TinyModel.Shape(variant) with { Layers = layers });
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            using var arena = new TensorArena(model.Transformer, 1, 16);
            arena.Slots[0].Begin(0, 3);
            long before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount;
            model.Transformer.Forward(Row([1, 2, 3]), arange(3), new AttentionScope(arena.Slots[0], null, false));
            return TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount - before;
        }
        Assert.InRange((Made(5) - Made(1)) / 4, 1, most);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_when_fed_in_parts_through_a_cache(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        using var arena = new TensorArena(model.Transformer, 2, 32);
        KeyValueSlot cache = arena.Slots[1];
        int[] ids = Ids(variant);
        double[][] expected = new ReferenceTransformer(model.Config, model.Values).Logits(ids, [.. Enumerable.Range(0, Rows)], (row, column) => column <= row);
        for (int first = 0; first < Rows;)
        {
            int last = Math.Min(Rows, first + 1 + first / 2);
            var mask = arange(last).unsqueeze(0) <= arange(first, last).unsqueeze(1);
            cache.Begin(first, last);
            var hidden = model.Transformer.Forward(Row(ids[first..last]), arange(first, last), new AttentionScope(cache, mask, false));
            AssertClose(expected[first..last], model.Transformer.Logits(hidden[0]));
            first = last;
        }
    }

    [Fact]
    public void Rows_of_a_batch_do_not_mix()
    {
        using var model = new TinyModel(TinyModel.Shape(3));
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        var both = cat([Row(Ids(1)), Row(Ids(2))], 0);
        var hidden = model.Transformer.Forward(both, arange(Rows), AttentionScope.Strict);
        var second = model.Transformer.Forward(Row(Ids(2)), arange(Rows), AttentionScope.Strict);
        Assert.True(hidden[1].allclose(second[0], atol: 1e-5));
    }

    private static void Check(int variant, AttentionScope attention, Func<int, int, bool> visible, int[]? positions = null)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        int[] ids = Ids(variant);
        positions ??= [.. Enumerable.Range(5, Rows)]; // not from 0: only distances may matter to the mask, but positions are absolute
        var hidden = model.Transformer.Forward(Row(ids), tensor(positions.Select(p => (long)p).ToArray()), attention);
        AssertClose(new ReferenceTransformer(model.Config, model.Values).Logits(ids, positions, visible), model.Transformer.Logits(hidden[0]));
    }

    private static int[] Ids(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows).Select(_ => random.Next(TinyModel.Vocabulary))];
    }

    private static Tensor Row(int[] ids) => tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0);

    /// <summary>Within 1e-4 of each value, or of 1 where values are smaller.</summary>
    private static void AssertClose(double[][] expected, Tensor actual)
    {
        Assert.Equal([expected.Length, expected[0].Length], actual.shape);
        float[] values = actual.contiguous().data<float>().ToArray();
        double worst = expected.SelectMany(row => row).Zip(values, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst < 1e-4, $"the largest relative error is {worst:E2}");
        Assert.True(expected.SelectMany(row => row).Select(Math.Abs).Max() > 1, "the logits are not all tiny");
    }
}
