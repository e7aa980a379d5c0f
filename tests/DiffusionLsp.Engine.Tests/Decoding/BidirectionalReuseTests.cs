using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>What a bidirectional model reuses from request to request, how much that saves, and when it is recomputed.</summary>
public sealed class BidirectionalReuseTests
{
    private const int Mask = TinyModel.Vocabulary - 1;
    private const int Hole = 6;
    private const int Block = 3;

    public static TheoryData<int, CacheKind> Variants
    {
        get
        {
            var data = new TheoryData<int, CacheKind>();
            foreach (int variant in new[] { 0, 3, 16, 19 })
                foreach (CacheKind kind in new[] { CacheKind.Prefix, CacheKind.Dual }) data.Add(variant, kind);
            return data;
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void With_one_layer_whatever_is_edited_equals_no_cache(int variant, CacheKind kind)
    {
        // One layer: keys and values depend on their own row alone, so every row must stand where it belongs.
        using var model = Model(variant, layers: 1);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 96) { RefreshEvery = 64 };
        var full = new FullScorer(model.NewRunner());
        var random = new Random(variant);
        List<int> prompt = [.. Ids(random, 12)], suffix = [.. Ids(random, 8)];
        for (int round = 0; round < 40; round++)
        {
            Edit(prompt, random);
            if (round % 4 == 3) Edit(suffix, random);
            int[] hole = [.. Enumerable.Repeat(Mask, Hole)];
            for (int block = 0; block < Hole; block += Block)
                for (int step = 0; step < Block; step++)
                {
                    int[] sequence = [.. prompt, .. hole, .. suffix];
                    var window = new ScoreWindow(prompt.Count + block, prompt.Count + block + step, prompt.Count + block + Block, prompt.Count + Hole, step);
                    using var expected = full.Score(sequence, window).Tensor();
                    using var actual = scorer.Score(sequence, window).Tensor();
                    using var difference = (expected.narrow(0, 0, actual.shape[0]) - actual).abs().max();
                    Assert.InRange(difference.item<float>(), 0, 2e-4f);
                    hole[block + step] = random.Next(40);
                }
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void A_keystroke_feeds_what_changed_and_the_canvas(int variant, CacheKind kind)
    {
        using var model = Model(variant);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 96) { RefreshEvery = 3 };
        int shift = model.Config.LogitShift ? 1 : 0;
        int[] prompt = Ids(new Random(1), 20), suffix = Ids(new Random(2), 10);
        Assert.Equal(20 + Hole + 10, First(scorer, prompt, suffix).Rows);
        Assert.Equal(20, scorer.CachedPrefixLength([.. prompt, 1]));
        Assert.Equal(1 + Hole, First(scorer, [.. prompt, 1], suffix).Rows);
        Assert.Equal(21, scorer.CachedPrefixLength([.. prompt, 1, 2]));
        Assert.Equal(Hole + shift, First(scorer, [.. prompt, 1], suffix).Rows); // the same again: only a shifted model needs the row before
        Assert.Equal(0, scorer.CachedPrefixLength([.. prompt, 1]));
        (long rows, float[] scores) = First(scorer, [.. prompt, 1, 2], suffix);
        Assert.Equal(22 + Hole + 10, rows); // the third refresh after a full one is full
        using var fresh = new BidirectionalScorer(model.NewRunner(), kind, 96);
        Assert.Equal(First(fresh, [.. prompt, 1, 2], suffix).Scores, scores);
    }

    [Theory, MemberData(nameof(Variants))]
    public void What_is_carried_over_equals_its_definition(int variant, CacheKind kind)
    {
        using var model = Model(variant);
        using var scorer = new BidirectionalScorer(model.NewRunner(), kind, 96) { RefreshEvery = 8 };
        var reference = new ReferenceTransformer(model.Config, model.Values);
        var rows = new ReferenceRows(model.Config.Layers);
        int shift = model.Config.LogitShift ? 1 : 0;
        int[] prompt = Ids(new Random(3), 9), suffix = Ids(new Random(4), 5), masks = [.. Enumerable.Repeat(Mask, Hole)];
        rows.Splice(0, 0, 9 + Hole + 5);
        reference.Logits([.. prompt, .. masks, .. suffix], [.. Enumerable.Range(0, 9 + Hole + 5)], (_, _) => true, rows);
        First(scorer, prompt, suffix);

        int[] typed = [.. prompt[..7], 30, 31, 32]; // two tokens deleted, three typed
        rows.Splice(7, 2 + Hole, 3 + Hole);
        double[][] expected = reference.Logits([30, 31, 32, .. masks], [.. Enumerable.Range(7, 3 + Hole)], (_, _) => true, rows);
        (long fed, float[] scores) = First(scorer, typed, suffix);
        Assert.Equal(3 + Hole, fed);
        double[] wanted = [.. expected.Skip(3 - shift).Take(Hole).SelectMany(row => row)];
        Assert.Equal(wanted.Length, scores.Length);
        Assert.True(wanted.Zip(scores, (w, s) => Math.Abs(w - s) / Math.Max(1, Math.Abs(w))).Max() < 1e-4);
    }

    private static (long Rows, float[] Scores) First(BidirectionalScorer scorer, int[] prompt, int[] suffix)
    {
        long before = scorer.Rows;
        int[] sequence = [.. prompt, .. Enumerable.Repeat(Mask, Hole), .. suffix];
        using var logits = scorer.Score(sequence, new ScoreWindow(prompt.Length, prompt.Length, prompt.Length + Block, prompt.Length + Hole)).Tensor();
        return (scorer.Rows - before, logits.contiguous().data<float>().ToArray());
    }

    private static void Edit(List<int> text, Random random)
    {
        int at = random.Next(text.Count);
        switch (random.Next(4))
        {
            case 0 when text.Count > 4: text.RemoveRange(at, Math.Min(text.Count - at, 2)); break;
            case 1 when text.Count < 24: text.InsertRange(at, Ids(random, 3)); break;
            case 2: text[at] = random.Next(40); break;
            default: if (text.Count < 24) text.Add(random.Next(40)); break;
        }
    }

    private static TinyModel Model(int variant, int layers = 2) => new(TinyModel.Shape(variant) with { Attention = AttentionKind.Full, Layers = layers });

    private static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(40))];
}
