using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.Adaptive;

/// <summary>A window over everything equals no cache; a smaller one feeds fewer rows.</summary>
public sealed class WindowScorerTests
{
    public static TheoryData<int> Variants => [0, 1, 2, 16, 17, 20];

    [Theory, MemberData(nameof(Variants))]
    public void A_window_over_everything_decodes_as_without_a_cache(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant) with { Attention = AttentionKind.Full }, variant);
        using var scorer = new WindowScorer(model.NewRunner(), 64) { Window = 64 };
        for (int round = 0; round < 4; round++)
        {
            int[] prompt = Causal.Ids(new Random(round), 12), suffix = Causal.Ids(new Random(round + 9), round);
            Assert.Equal(Decode(new FullScorer(model.NewRunner()), prompt, suffix), Decode(scorer, prompt, suffix));
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void Smaller_windows_and_lookaheads_feed_fewer_rows(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant) with { Attention = AttentionKind.Full }, variant);
        long Rows(int window, int lookahead)
        {
            using var scorer = new WindowScorer(model.NewRunner(), 64) { Window = window };
            // At weight 1 the draft is always accepted, so that the steps are the same whatever the rows.
            Decode(scorer, Causal.Ids(new Random(1), 24), [], lookahead);
            return scorer.Rows;
        }
        Assert.True(Rows(2, 4) < Rows(8, 4));
        Assert.True(Rows(8, 4) < Rows(64, 4));
        // W = 1: the first step feeds all 24 + 4 rows, each further one the last newest token's window and its own four masks.
        Assert.Equal(28 + 4 * (4 + 4), Rows(1, 4));
    }

    [Fact]
    public void What_cannot_be_scored_is_refused()
    {
        using var model = new TinyModel(TinyModel.Shape(16) with { Attention = AttentionKind.Full });
        using var scorer = new WindowScorer(model.NewRunner(), 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => scorer.Score([Causal.Mask], new ScoreWindow(0, 0, 1, 1)));
    }

    private static int[] Decode(ICanvasScorer scorer, int[] prompt, int[] suffix, int lookahead = 4)
    {
        DecodeTask task = Causal.Task(prompt, 20) with { Suffix = suffix };
        var options = new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, 1).With(AdaptiveDecoder.Lookahead, lookahead);
        Driven.Fill(new AdaptiveDecoder(task, readsText: true, options), task.Canvas, scorer, Causal.Vocabulary, verifier: new NgramScorer(new NgramModel(TinyModel.Vocabulary)));
        return task.Canvas.Ids.ToArray();
    }
}
