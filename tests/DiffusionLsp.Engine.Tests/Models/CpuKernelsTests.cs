using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>The forward for a few rows against an independent one in float64, and against libtorch's beside it.</summary>
public sealed class CpuKernelsTests
{
    private const int Mask = TinyModel.Vocabulary - 1;

    /// <summary>As <see cref="TinyModel.Shape"/>, in sizes that divide into vectors; 8 and up with a part of each head rotated.</summary>
    private static ModelConfig Shape(int variant) =>
        TinyModel.Shape((variant & 7) | 16) with { HeadSize = 32, IntermediateSize = 80, RotarySize = (variant & 8) != 0 ? 16 : null, TieEmbeddings = (variant & 1) == 0 };

    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 16)];

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_behind_a_cache_under_any_mask(int variant)
    {
        using var model = new TinyModel(Shape(variant), variant, packed: true);
        Assert.True(model.Transformer.IsPacked);
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        using var arena = new KeyValueArena(model.Transformer, 2, 96);
        KeyValueSlot cache = arena.Slots[1];
        var random = new Random(variant);
        int[] ids = [.. Enumerable.Range(0, 80).Select(_ => random.Next(TinyModel.Vocabulary))];
        bool[,] visible = new bool[ids.Length, ids.Length];
        for (int r = 0; r < ids.Length; r++)
            for (int c = 0; c < ids.Length; c++) visible[r, c] = c == r || (c < r && random.Next(3) > 0);
        double[][] expected = new ReferenceTransformer(model.Config, model.Values).Logits(ids, [.. Enumerable.Range(0, ids.Length)], (row, column) => visible[row, column]);
        for (int first = 0, rows = 1; first < ids.Length; first += rows, rows = Math.Min(rows + 1 + first / 9, ids.Length - first))
        {
            int last = first + rows;
            bool[,] mask = new bool[rows, last];
            for (int r = first; r < last; r++)
                for (int c = 0; c < last; c++) mask[r - first, c] = visible[r, c];
            cache.Begin(first, last);
            var hidden = model.Transformer.Forward(tensor(ids[first..last].Select(i => (long)i).ToArray()).unsqueeze(0), arange(first, last), new AttentionScope(cache, tensor(mask), false));
            AssertClose(expected[first..last], model.Transformer.Logits(hidden[0]));
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_scorer_writes_what_it_writes_through_libtorch(int variant)
    {
        using var packed = new TinyModel(Shape(variant), 5, packed: true);
        using var plain = new TinyModel(Shape(variant), 5, rounded: true);
        Assert.Equal((true, false), (packed.Transformer.IsPacked, plain.Transformer.IsPacked));
        using var fast = new BlockCausalScorer(packed.Transformer, CacheKind.Prefix, 160);
        using var slow = new BlockCausalScorer(plain.Transformer, CacheKind.Prefix, 160);
        var random = new Random(variant);
        int[] sequence = [.. Enumerable.Range(0, 150).Select(_ => random.Next(Mask))];
        foreach (int rows in new[] { 1, 2, 3, 4, 5, 7, 8, 13, 46, 47, 48, 60 })
        {
            int start = 150 - rows, clean = start + random.Next(Math.Min(rows, 5));
            Array.Fill(sequence, Mask, clean, 150 - clean);
            var window = new ScoreWindow(start, start, 150, 150) { CleanEnd = clean };
            using Tensor expected = slow.Score(sequence, window), actual = fast.Score(sequence, window);
            using Tensor difference = (expected - actual).abs().max();
            Assert.InRange(difference.item<float>(), 0, 1e-4f);
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_prompt_is_scored_as_through_libtorch_and_the_same_to_the_last_bit_on_any_number_of_threads(int variant)
    {
        using var packed = new TinyModel(Shape(variant), 5, packed: true);
        using var plain = new TinyModel(Shape(variant), 5, rounded: true);
        var random = new Random(variant);
        int[] tokens = [.. Enumerable.Range(0, 250).Select(_ => random.Next(Mask))];
        // In blocks, with rows in the cache before them, and some that see to the end.
        foreach ((int first, int[]? limits) in new[] { (0, null), (0, Ends(0, 250, 1)), (50, Ends(50, 250, 7)), (50, null) })
        {
            var plan = new RowPlan(tokens[first..], first, 250, limits, 0, 250 - first);
            float[] Scores(Transformer model, int threads)
            {
                using var arena = new KeyValueArena(model, 2, 260);
                var runner = new ModelRunner(model, threads);
                using Tensor before = runner.Score(new RowPlan(tokens[..50], 0, 50, Ends(0, 50, 1), 0, 1), arena.Slots[1], null, CancellationToken.None);
                using Tensor scores = runner.Score(plan, arena.Slots[1], null, CancellationToken.None);
                return scores.data<float>().ToArray();
            }
            float[] expected = Scores(plain.Transformer, 1), one = Scores(packed.Transformer, 1);
            Assert.All(expected.Zip(one), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 3e-4f));
            Assert.Equal(one, Scores(packed.Transformer, 2));
            Assert.Equal(one, Scores(packed.Transformer, 3));
        }
    }

    /// <summary>Of rows in blocks: each sees to the end of its own.</summary>
    private static int[] Ends(int first, int last, int block) => [.. Enumerable.Range(first, last - first).Select(row => Math.Min(last, (row / block + 1) * block))];

    [Fact]
    public unsafe void A_product_is_the_product_for_any_number_of_rows_and_strips()
    {
        var random = new Random(1);
        foreach (int outputs in new[] { 16, 32, 48, 64, 80, 112, 208 })
        {
            const int inputs = 7;
            using var weight = (randn(outputs, inputs) * 3).to(ScalarType.BFloat16).to(ScalarType.Float32);
            using PackedMatrix packed = PackedMatrix.TryPack(weight)!;
            using var panel = empty(packed.PanelSize);
            for (int rows = 1; rows < 30; rows++)
            {
                using var x = randn(rows, inputs);
                using var y = full([rows + 1, outputs], 77f);
                packed.Multiply(HostMemory.Of<float>(x), rows, HostMemory.Of<float>(y));
                using var widened = full([rows + 1, outputs], 77f);
                packed.Multiply(HostMemory.Of<float>(x), rows, HostMemory.Of<float>(widened), HostMemory.Of<float>(panel));
                Assert.Equal(y.data<float>().ToArray(), widened.data<float>().ToArray()); // to the last bit
                using var expected = nn.functional.linear(x, weight);
                using var difference = (expected - y.narrow(0, 0, rows)).abs().max();
                Assert.InRange(difference.item<float>(), 0, 1e-4f);
                Assert.All(y[rows].data<float>().ToArray(), value => Assert.Equal(77, value)); // nothing behind the last row
            }
        }
    }

    [Fact]
    public void What_would_lose_precision_or_does_not_fit_is_left_to_libtorch()
    {
        using var exact = new TinyModel(Shape(0), 1, packed: true);
        Assert.True(exact.Transformer.IsPacked);
        using var odd = new TinyModel(Shape(0) with { IntermediateSize = 81 }, 1, packed: true);
        Assert.False(odd.Transformer.IsPacked);
        using var third = tensor(Enumerable.Repeat(1f / 3, 32).ToArray(), [16, 2]);
        Assert.Null(PackedMatrix.TryPack(third)); // not a bfloat16
        using var half = tensor(Enumerable.Repeat(0.5f, 32).ToArray(), [16, 2]);
        using PackedMatrix? fits = PackedMatrix.TryPack(half);
        Assert.NotNull(fits);
        using var narrow = half.narrow(1, 0, 1);
        Assert.Null(PackedMatrix.TryPack(narrow)); // not row after row
    }

    private static void AssertClose(double[][] expected, Tensor actual)
    {
        float[] values = actual.contiguous().data<float>().ToArray();
        Assert.Equal(expected.Sum(row => row.Length), values.Length);
        double worst = expected.SelectMany(row => row).Zip(values, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst < 1e-4, $"the largest relative error is {worst:E2}");
    }
}
