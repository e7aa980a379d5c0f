using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tests.Decoding;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>The CPU kernels' forward against an independent one in float64 and against libtorch's.</summary>
public sealed class CpuKernelsTests
{
    private const int Mask = TinyModel.Vocabulary - 1;

    /// <summary><see cref="TinyModel.Shape"/> in sizes that divide into vectors; from 8 on with a part of each head rotated.</summary>
    private static ModelConfig Shape(int variant) =>
        TinyModel.Shape((variant & 7) | 16) with { HeadSize = 32, IntermediateSize = 80, RotarySize = (variant & 8) != 0 ? 16 : null, TieEmbeddings = (variant & 1) == 0 };

    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 16)];

    [Theory, MemberData(nameof(Variants))]
    public void Equals_the_reference_behind_a_cache_wherever_rows_stop_looking(int variant)
    {
        using var model = new TinyModel(Shape(variant), variant, packed: true);
        var runner = Assert.IsType<HostRunner>(model.NewRunner());
        using KeyValueArena arena = runner.NewArena(2, 96);
        var random = new Random(variant);
        int[] ids = [.. Enumerable.Range(0, 80).Select(_ => random.Next(TinyModel.Vocabulary))];
        var ends = new int[ids.Length];
        for (int first = 0, rows = 1; first < ids.Length; first += rows, rows = Math.Min(rows + 1 + first / 9, ids.Length - first))
            for (int row = first; row < first + rows; row++) ends[row] = random.Next(row, first + rows) + 1; // itself at least, and the last fed at most
        double[][] expected = new ReferenceTransformer(model.Config, model.Values).Logits(ids, [.. Enumerable.Range(0, ids.Length)], (row, column) => column < ends[row]);
        for (int first = 0, rows = 1; first < ids.Length; first += rows, rows = Math.Min(rows + 1 + first / 9, ids.Length - first))
        {
            int last = first + rows;
            using Scores scores = runner.Score(new RowPlan(ids[first..last], first, last, ends[first..last], 0, rows), arena.Slots[1], null, CancellationToken.None);
            using HostScores actual = scores.OnHost();
            AssertClose(expected[first..last], actual);
        }
    }

    /// <summary>A sequence's results do not depend on the others in the forward.</summary>
    [Theory, MemberData(nameof(Variants))]
    public void Sequences_in_one_forward_are_scored_to_the_last_bit_as_alone(int variant)
    {
        using var model = new TinyModel(Shape(variant), variant, packed: true);
        using KeyValueArena together = model.NewRunner().NewArena(3, 200), alone = model.NewRunner().NewArena(3, 200);
        var random = new Random(variant);
        ModelRunner runner = model.NewRunner(2);
        for (int[] fed = [0, 0, 0]; fed.Max() < 150;)
        {
            var work = new List<RowPlan>();
            for (int s = 0; s < 3; s++)
            {
                int rows = random.Next(1, 4) == 1 ? random.Next(30, 50) : random.Next(1, 9), scored = random.Next(1, rows + 1), first = fed[s];
                work.Add(new RowPlan([.. Enumerable.Range(0, rows).Select(_ => random.Next(Mask))], first, first + rows, random.Next(2) == 0 ? null : [.. Enumerable.Range(first + 1, rows)], rows - scored, scored));
                fed[s] += rows;
            }
            using Scores all = runner.ScoreTogether([.. work.Select((plan, s) => (together.Slots[s], plan))], null, CancellationToken.None);
            float[] expected = [.. work.SelectMany((plan, s) =>
            {
                using Scores own = model.NewRunner().Score(plan, alone.Slots[s], null, CancellationToken.None);
                using HostScores numbers = own.OnHost();
                return numbers.All.ToArray();
            })];
            using HostScores actual = all.OnHost();
            Assert.Equal(expected, actual.All.ToArray());
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_scorer_writes_what_it_writes_through_libtorch(int variant)
    {
        using var packed = new TinyModel(Shape(variant), 5, packed: true);
        using var plain = new TinyModel(Shape(variant), 5, rounded: true);
        Assert.Equal((true, false), (packed.Cpu is not null, plain.Cpu is not null));
        using var fast = new BlockCausalScorer(packed.NewRunner(), CacheKind.Prefix, 160);
        using var slow = new BlockCausalScorer(plain.NewRunner(), CacheKind.Prefix, 160);
        var random = new Random(variant);
        int[] sequence = [.. Enumerable.Range(0, 150).Select(_ => random.Next(Mask))];
        foreach (int rows in new[] { 1, 2, 3, 4, 5, 7, 8, 13, 46, 47, 48, 60 })
        {
            int start = 150 - rows, clean = start + random.Next(Math.Min(rows, 5));
            Array.Fill(sequence, Mask, clean, 150 - clean);
            var window = new ScoreWindow(start, start, 150, 150) { CleanEnd = clean };
            using Tensor expected = slow.Score(sequence, window).Tensor(), actual = fast.Score(sequence, window).Tensor();
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
            float[] Scores(TinyModel model, int threads)
            {
                ModelRunner runner = model.NewRunner(threads);
                using KeyValueArena arena = runner.NewArena(2, 260);
                runner.Score(new RowPlan(tokens[..50], 0, 50, Ends(0, 50, 1), 0, 1), arena.Slots[1], null, CancellationToken.None).Dispose();
                using Tensor scores = runner.Score(plan, arena.Slots[1], null, CancellationToken.None).Tensor();
                return scores.data<float>().ToArray();
            }
            float[] expected = Scores(plain, 1), one = Scores(packed, 1);
            Assert.All(expected.Zip(one), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 3e-4f));
            Assert.Equal(one, Scores(packed, 2));
            Assert.Equal(one, Scores(packed, 3));
        }
    }

    /// <summary>For rows in blocks: each sees up to the end of its own block.</summary>
    private static int[] Ends(int first, int last, int block) => [.. Enumerable.Range(first, last - first).Select(row => Math.Min(last, (row / block + 1) * block))];

    [Fact]
    public unsafe void A_product_is_the_product_for_any_number_of_rows_and_strips()
    {
        var random = new Random(1);
        foreach (int outputs in new[] { 16, 32, 48, 64, 80, 112, 208 })
        {
            const int inputs = 7;
            using var weight = (randn(outputs, inputs) * 3).to(ScalarType.BFloat16).to(ScalarType.Float32);
            using PackedMatrix packed = PackedMatrix.TryPack(HostMemory.Of<float>(weight), outputs, inputs)!;
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
    public unsafe void What_would_lose_precision_or_does_not_fit_is_left_to_libtorch()
    {
        using var exact = new TinyModel(Shape(0), 1, packed: true);
        Assert.NotNull(exact.Cpu);
        using var odd = new TinyModel(Shape(0) with { IntermediateSize = 81 }, 1, packed: true);
        Assert.Null(odd.Cpu);
        float[] third = [.. Enumerable.Repeat(1f / 3, 64)], half = [.. Enumerable.Repeat(0.5f, 64)];
        fixed (float* thirds = third, halves = half)
        {
            Assert.True(PackedMatrix.TryPack(thirds, 32, 2) is null); // no bfloat16
            using PackedMatrix? fits = PackedMatrix.TryPack(halves, 32, 2);
            Assert.NotNull(fits);
            Assert.True(PackedMatrix.TryPack(halves, 31, 2) is null); // no strips
        }
    }

    private static void AssertClose(double[][] expected, HostScores actual)
    {
        float[] values = actual.All.ToArray();
        Assert.Equal(expected.Sum(row => row.Length), values.Length);
        double worst = expected.SelectMany(row => row).Zip(values, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst < 1e-4, $"the largest relative error is {worst:E2}");
    }
}
