using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>
/// The cache of block-causal models is exact: whatever was kept, the result is that of a fresh scorer, and follows the definition
/// of block causality.
/// </summary>
public sealed class BlockCausalScorerTests
{
    private const int Mask = TinyModel.Vocabulary - 1;
    private const int End = TinyModel.Vocabulary - 2;

    /// <summary>Shift and group size in all combinations, with and without shared key heads, q/k norms and biases.</summary>
    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 64).Where(v => (v & 8) == 0)];

    [Theory, MemberData(nameof(Variants))]
    public void A_fresh_scorer_computes_the_definition(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.None, 64);
        var random = new Random(variant);
        int[] sequence = [.. Ids(random, 10), 3, Mask, 4, Mask, Mask];
        const int start = 11, end = 14; // position 10 is decided and, in groups of 4, in the block being decoded; 14 belongs to the next block
        int shift = model.Config.LogitShift ? 1 : 0, group = model.Config.ContextBlockSize, fed = end - (group > 1 ? 0 : shift);
        bool Visible(int row, int column) => row >= start / group * group || column < (row / group + 1) * group;
        double[][] expected = new ReferenceTransformer(model.Config, model.Values).Logits(sequence[..fed], [.. Enumerable.Range(0, fed)], Visible);
        using var logits = scorer.Score(sequence, Window(start, end)).Tensor();
        float[] actual = logits.contiguous().data<float>().ToArray();
        double[] wanted = [.. expected[(start - shift)..(end - shift)].SelectMany(row => row)];
        Assert.Equal(wanted.Length, actual.Length);
        Assert.True(wanted.Zip(actual, (w, a) => Math.Abs(w - a) / Math.Max(1, Math.Abs(w))).Max() < 1e-4);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(20)]
    public void A_draft_is_causal_and_the_masks_behind_it_see_everything(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var warm = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 64);
        var random = new Random(variant);
        for (int round = 0; round < 12; round++)
        {
            int start = 3 + random.Next(8), draft = random.Next(5), masks = random.Next(4), clean = start + draft, fed = clean + masks;
            int[] sequence = [.. Ids(random, clean), .. Enumerable.Repeat(Mask, masks + 1)];
            double[][] expected = new ReferenceTransformer(model.Config, model.Values)
                .Logits(sequence[..fed], [.. Enumerable.Range(0, fed)], (row, column) => row >= clean || column <= row);
            using var logits = warm.Score(sequence, new ScoreWindow(start, start, fed + 1, fed + 1) { CleanEnd = clean }).Tensor();
            float[] actual = logits.contiguous().data<float>().ToArray();
            double[] wanted = [.. expected[(start - 1)..fed].SelectMany(row => row)];
            Assert.Equal(wanted.Length, actual.Length);
            Assert.True(wanted.Zip(actual, (w, a) => Math.Abs(w - a) / Math.Max(1, Math.Abs(w))).Max() < 1e-4);
            Assert.Equal(clean, warm.CachedPrefixLength(sequence));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(48)]
    public void A_model_that_is_not_causal_refuses_a_draft(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 64);
        Assert.Throws<ArgumentException>(() => scorer.Score([1, 2, 3, Mask], new ScoreWindow(2, 2, 4, 4) { CleanEnd = 3 }));
    }

    [Theory, MemberData(nameof(Variants))]
    public void Cached_equals_uncached_through_edits(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var warm = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 96);
        using var uncached = new BlockCausalScorer(model.NewRunner(), CacheKind.None, 96);
        var random = new Random(variant);
        List<int> prompt = [.. Ids(random, 12)];
        for (int round = 0; round < 12; round++)
        {
            Edit(prompt, random);
            using var cold = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 96);
            int block = 1 + random.Next(6);
            Decoded expected = Decode(uncached, prompt, block), first = Decode(cold, prompt, block), reused = Decode(warm, prompt, block);
            Assert.Equal(expected.Ids, first.Ids);
            Assert.Equal(expected.Ids, reused.Ids);
            AssertClose(expected.Confidences, first.Confidences);
            AssertClose(expected.Confidences, reused.Confidences);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(48)]
    public void Logits_equal_the_uncached_ones_after_any_call(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant));
        using var warm = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 64);
        using var fresh = new BlockCausalScorer(model.NewRunner(), CacheKind.None, 64);
        var random = new Random(variant);
        int[] sequence = Ids(random, 40);
        for (int round = 0; round < 60; round++)
        {
            if (round % 5 == 4) sequence[random.Next(sequence.Length)] = random.Next(End); // anything may change between calls
            int start = 1 + random.Next(38), end = start + 1 + random.Next(40 - start);
            using var a = warm.Score(sequence.AsSpan(0, end), Window(start, end)).Tensor();
            using var b = fresh.Score(sequence.AsSpan(0, end), Window(start, end)).Tensor();
            Assert.Equal([end - start, TinyModel.Vocabulary], a.shape);
            using var difference = (a - b).abs().max();
            Assert.InRange(difference.item<float>(), 0, 1e-4f);
        }
    }

    [Fact]
    public void Only_what_is_new_is_computed()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 64);
        int[] prompt = Ids(new Random(1), 20);
        Assert.Equal(0, scorer.CachedPrefixLength(prompt));
        scorer.Score([.. prompt, Mask, Mask], Window(20, 22)).Dispose();
        Assert.Equal(20, scorer.CachedPrefixLength([.. prompt, 1, 2]));
        Assert.Equal(15, scorer.CachedPrefixLength([.. prompt[..15], End, 1]));
        Assert.Equal(1, scorer.Forwards);
        scorer.Reset();
        Assert.Equal(0, scorer.CachedPrefixLength(prompt));
    }

    [Fact]
    public void Masks_never_become_permanent()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 64);
        int[] sequence = [.. Ids(new Random(1), 8), Mask, Mask, Mask];
        scorer.Score(sequence, Window(8, 11)).Dispose();
        Assert.Equal(8, scorer.CachedPrefixLength(sequence));
    }

    [Fact]
    public void What_cannot_be_scored_is_refused()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Score([1, Mask], Window(0, 1))); // shifted: no row before the first
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Score([1, Mask], Window(1, 1)));
        Assert.Throws<InvalidOperationException>(() => scorer.Score(new int[12], Window(10, 12))); // longer than the cache
        using var full = new TinyModel(TinyModel.Shape(0) with { Attention = AttentionKind.Full });
        Assert.Throws<ArgumentException>(() => new BlockCausalScorer(full.NewRunner(), CacheKind.Prefix, 8));
    }

    [Fact]
    public void What_is_behind_the_block_is_computed_only_where_that_is_asked_for()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.None, 8);
        int[] sequence = [.. Ids(new Random(1), 3), .. Enumerable.Repeat(Mask, 9)];
        var window = new ScoreWindow(3, 3, 6, sequence.Length);
        scorer.Score(sequence, window).Dispose();
        Assert.Throws<InvalidOperationException>(() => scorer.Score(sequence, window with { WholeCanvas = true })); // more rows than the scorer has room for
    }

    private static ScoreWindow Window(int start, int end) => new(start, start, end, end);

    private sealed record Decoded(int[] Ids, float[] Confidences);

    private static Decoded Decode(BlockCausalScorer scorer, List<int> prompt, int block)
    {
        var canvas = new Canvas(9, Mask);
        var watch = new Confidences();
        var decoder = new DecodeLoop(new DecodeTask([.. prompt], canvas, [], id => id == End), new ConfidenceThresholdPolicy(0.5), new CommittedRule(), block);
        Driven.Fill(decoder, canvas, scorer, (TinyModel.Vocabulary, [Mask]), observer: watch);
        return new Decoded(canvas.Ids.ToArray(), [.. watch.All]);
    }

    private sealed class Confidences : IDecodeObserver
    {
        public List<float> All { get; } = [];

        public void OnStep(StepInfo step, Canvas canvas)
        {
            foreach (Proposal proposal in step.Proposals.Span) All.Add(proposal.Confidence);
        }
    }

    /// <summary>How users change the text before the cursor: type, delete, accept a completion, jump elsewhere.</summary>
    private static void Edit(List<int> prompt, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                int keep = Math.Max(1, prompt.Count - 1 - random.Next(6));
                prompt.RemoveRange(keep, prompt.Count - keep);
                break;
            case 1:
                prompt[random.Next(prompt.Count)] = random.Next(End);
                break;
            case 2:
                prompt.Clear();
                prompt.AddRange(Ids(random, 4 + random.Next(20)));
                break;
            default:
                prompt.AddRange(Ids(random, 1 + random.Next(3)));
                break;
        }
    }

    private static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(End))];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.Zip(actual, (e, a) => Math.Abs(e - a)).DefaultIfEmpty().Max() < 1e-4);
    }
}
