using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>
/// The caches of bidirectional models are approximations, so they are compared with their definition: each forward with plain
/// loops over doubles that keep unrotated keys in lists; and, where nothing is approximated, with no cache.
/// </summary>
public sealed class BidirectionalScorerTests
{
    private const int Mask = TinyModel.Vocabulary - 1;

    /// <summary>Shared key heads, q/k norms, biases and shift in all combinations, each for both kinds.</summary>
    public static TheoryData<int, CacheKind> Variants
    {
        get
        {
            var data = new TheoryData<int, CacheKind>();
            foreach (int variant in Enumerable.Range(0, 32).Where(v => (v & 8) == 0))
                foreach (CacheKind kind in new[] { CacheKind.Prefix, CacheKind.Dual }) data.Add(variant, kind);
            return data;
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void The_first_step_of_a_block_equals_no_cache(int variant, CacheKind kind)
    {
        using var model = Model(variant);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 64);
        var full = new FullScorer(model.NewRunner());
        var random = new Random(variant);
        for (int round = 0; round < 6; round++) // whatever was in the cache
        {
            var hole = new Hole(random);
            var window = hole.Window(hole.Start, 0);
            using var expected = full.Score(hole.Sequence, window).Tensor();
            using var actual = scorer.Score(hole.Sequence, window).Tensor();
            AssertClose(expected, actual);
            hole.CommitSome(random);
            if (hole.Window(hole.Start, 1) is { } next && next.BlockEnd > next.Start) scorer.Score(hole.Sequence, next).Dispose(); // leaves a half-filled block behind
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void With_one_layer_every_step_equals_no_cache(int variant, CacheKind kind)
    {
        // Keys and values of the first layer do not depend on what other rows hold, so nothing that is frozen is stale.
        using var model = Model(variant, layers: 1);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 64);
        var full = new FullScorer(model.NewRunner());
        var random = new Random(variant);
        var hole = new Hole(random, block: 5, canvas: 14);
        do
        {
            for (int step = 0; hole.Start < hole.BlockEnd; step++)
            {
                var window = hole.Window(hole.Start, step);
                using var expected = full.Score(hole.Sequence, window).Tensor();
                using var actual = scorer.Score(hole.Sequence, window).Tensor();
                using var compared = expected.narrow(0, 0, actual.shape[0]);
                AssertClose(compared, actual);
                hole.CommitSome(random);
                if (step == 1) hole.Cut(hole.Canvas - 1);
            }
        }
        while (hole.NextBlock());
    }

    [Theory, MemberData(nameof(Variants))]
    public void Every_step_equals_its_definition(int variant, CacheKind kind)
    {
        using var model = Model(variant);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 64);
        var reference = new ReferenceTransformer(model.Config, model.Values);
        var random = new Random(100 + variant);
        int shift = model.Config.LogitShift ? 1 : 0, cuts = 0, steps = 0;
        for (int round = 0; round < 2; round++)
        {
            var hole = new Hole(random, block: 4, canvas: 13);
            var rows = new ReferenceRows(model.Config.Layers);
            do
            {
                for (int step = 0; hole.Start < hole.BlockEnd; step++, steps++)
                {
                    int length = hole.Sequence.Length, held = rows[0].Count;
                    var window = hole.Window(hole.Start, step);
                    (int first, int last) = (0, length);
                    if (step == 0) rows.Splice(0, held, length);
                    else
                    {
                        rows.Splice(window.CanvasEnd, held - length, 0);
                        first = Math.Min(window.BlockStart, window.Start - shift);
                        if (kind is CacheKind.Dual) last = window.BlockEnd;
                    }
                    double[][] scores = reference.Logits(hole.Sequence[first..last], [.. Enumerable.Range(first, last - first)], (_, _) => true, rows);
                    long before = scorer.Rows;
                    using var actual = scorer.Score(hole.Sequence, window).Tensor();
                    Assert.Equal(last - first, scorer.Rows - before);
                    Assert.Equal(Math.Min(last, window.CanvasEnd) - window.Start, actual.shape[0]);
                    AssertClose(scores[(window.Start - shift - first)..], actual);
                    hole.CommitSome(random);
                    if (random.Next(3) == 0)
                    {
                        hole.Cut(hole.Canvas - 1 - random.Next(4));
                        cuts++;
                    }
                }
            }
            while (hole.NextBlock());
        }
        Assert.True(cuts > 0 && steps > 6, $"{cuts} cuts and {steps} steps");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void What_was_cut_is_seen_no_more(int variant)
    {
        // Two canvases that differ only in what is about to be cut: with one layer the far tail leaves no trace elsewhere.
        using var model = Model(variant, layers: 1);
        var random = new Random(variant);
        var hole = new Hole(random, block: 3, canvas: 10);
        int[] other = [.. hole.Sequence];
        for (int i = 6; i < 10; i++) other[hole.Prompt + i] = random.Next(40);
        int[] Cut(int[] sequence) => [.. sequence[..(hole.Prompt + 6)], .. sequence[(hole.Prompt + 10)..]];
        float[][] results = [.. new[] { hole.Sequence, other }.Select(sequence =>
        {
            using var scorer = new BidirectionalScorer(model.NewRunner(), CacheKind.Dual, 64);
            scorer.Score(sequence, hole.Window(hole.Start, 0)).Dispose();
            using var logits = scorer.Score(Cut(sequence), hole.Window(hole.Start, 1) with { CanvasEnd = hole.Prompt + 6 }).Tensor();
            Assert.Equal(3, logits.shape[0]);
            return logits.contiguous().data<float>().ToArray();
        })];
        Assert.Equal(results[0], results[1]);
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_step_that_does_not_follow_from_the_last_one_refreshes(int variant, CacheKind kind)
    {
        using var model = Model(variant);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 64);
        var full = new FullScorer(model.NewRunner());
        var hole = new Hole(new Random(variant), block: 4, canvas: 8);
        ScoreWindow window = hole.Window(hole.Start, 1);
        void Check(int[] sequence, ScoreWindow asked)
        {
            scorer.Score(hole.Sequence, window with { Step = 0 }).Dispose();
            using var expected = full.Score(sequence, asked).Tensor();
            using var actual = scorer.Score(sequence, asked).Tensor();
            AssertClose(expected, actual);
        }
        foreach (int position in new[] { 0, hole.Prompt - 1, window.BlockEnd, hole.Sequence.Length - 1 }) // prompt, far canvas, suffix
        {
            int[] changed = [.. hole.Sequence];
            changed[position] = (changed[position] + 1) % 40;
            Check(changed, window);
        }
        Check([.. hole.Sequence, 3], window);
        Check([.. hole.Sequence[..hole.Prompt], Mask, .. hole.Sequence[hole.Prompt..]], window with { CanvasEnd = window.CanvasEnd + 1 });
        Check(hole.Sequence[..^1], window);
        Check(hole.Sequence, window with { BlockStart = window.BlockStart + 1, Start = window.Start + 1 });
        scorer.Score(hole.Sequence, window).Dispose();
        scorer.Reset();
        using var wanted = full.Score(hole.Sequence, window).Tensor();
        using var forgotten = scorer.Score(hole.Sequence, window).Tensor();
        AssertClose(wanted, forgotten);
    }

    [Fact]
    public void What_cannot_be_scored_is_refused_and_leaves_the_cache_usable()
    {
        using var model = Model(16);
        using var scorer = new BidirectionalScorer(model.NewRunner(), CacheKind.Dual, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Score([Mask, 1], new ScoreWindow(0, 0, 1, 1))); // shifted: no row before the first
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Score([1, Mask], new ScoreWindow(1, 1, 1, 2)));
        int[] fits = [1, 2, Mask, Mask, 3];
        scorer.Score(fits, new ScoreWindow(2, 2, 4, 4)).Dispose();
        Assert.Contains("8 rows", Assert.Throws<InvalidOperationException>(() => scorer.Score(new int[12], new ScoreWindow(2, 2, 4, 11))).Message);
        using var expected = new FullScorer(model.NewRunner()).Score(fits, new ScoreWindow(2, 2, 4, 4)).Tensor();
        using var actual = scorer.Score(fits, new ScoreWindow(2, 2, 4, 4, 1)).Tensor();
        AssertClose(expected, actual);
        using var causal = new TinyModel(TinyModel.Shape(0));
        Assert.Throws<ArgumentException>(() => new BidirectionalScorer(causal.NewRunner(), CacheKind.Dual, 8));
        Assert.Throws<ArgumentException>(() => new BidirectionalScorer(model.NewRunner(), CacheKind.None, 8));
    }

    private static TinyModel Model(int variant, int layers = 2) => new(TinyModel.Shape(variant) with { Attention = AttentionKind.Full, Layers = layers });

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var difference = (expected - actual).abs().max();
        Assert.InRange(difference.item<float>(), 0, 2e-4f);
    }

    private static void AssertClose(double[][] expected, Tensor actual)
    {
        float[] values = actual.contiguous().data<float>().ToArray();
        double worst = expected.Take((int)actual.shape[0]).SelectMany(row => row).Zip(values, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(worst < 1e-4, $"the largest relative error is {worst:E2}");
    }

    /// <summary>A random prompt, canvas and suffix, filled block by block.</summary>
    private sealed class Hole
    {
        private readonly int blockLength;
        private readonly int[] prompt, suffix;
        private List<int> canvas;
        private int block;

        public Hole(Random random, int? block = null, int? canvas = null)
        {
            prompt = [.. Enumerable.Range(0, 2 + random.Next(8)).Select(_ => random.Next(40))];
            suffix = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => random.Next(40))];
            this.canvas = [.. Enumerable.Repeat(Mask, canvas ?? 3 + random.Next(9))];
            blockLength = block ?? 1 + random.Next(5);
        }

        public int Prompt => prompt.Length;
        public int Canvas => canvas.Count;
        public int[] Sequence => [.. prompt, .. canvas, .. suffix];
        public int BlockEnd => prompt.Length + Math.Min(block + blockLength, canvas.Count);

        /// <summary>The first mask, in the sequence; the block's end if it is full.</summary>
        public int Start => canvas.IndexOf(Mask) is var first and >= 0 && prompt.Length + first < BlockEnd ? prompt.Length + first : BlockEnd;

        public ScoreWindow Window(int start, int step) => new(prompt.Length + block, start, BlockEnd, prompt.Length + canvas.Count, step);

        public void CommitSome(Random random)
        {
            int[] masked = [.. Enumerable.Range(block, BlockEnd - prompt.Length - block).Where(i => canvas[i] == Mask)];
            foreach (int i in masked.Where((_, n) => n == 0 ? random.Next(3) > 0 || masked.Length == 1 : random.Next(4) == 0)) canvas[i] = random.Next(40);
        }

        /// <summary>Shortens the canvas, but not below what is committed without a gap.</summary>
        public void Cut(int length) => canvas = canvas[..Math.Clamp(length, Start - prompt.Length, canvas.Count)];

        public bool NextBlock() => (block += blockLength) < canvas.Count;
    }
}
