using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>DreamOn's loop against scripted models: it grows, shrinks, and ends even with a model that alternates between both.</summary>
public sealed class ExpandDecoderTests
{
    private const int Expand = 13, Most = 12;
    private static readonly int[] Prompt = [1, 2, 3];

    [Fact]
    public void An_expand_token_makes_room()
    {
        // The hole wants 0 1 2 3 4: while it is too short, its last position asks for more.
        Canvas canvas = Fill(2, sequence => Want(sequence, [0, 1, 2, 3, 4]));
        Assert.Equal([0, 1, 2, 3, 4], canvas.Ids.ToArray());
    }

    [Fact]
    public void An_end_token_takes_a_position_away()
    {
        Canvas canvas = Fill(8, sequence => Want(sequence, [0, 1, 2]));
        Assert.Equal([0, 1, 2], canvas.Ids.ToArray());
    }

    [Fact]
    public void A_hole_may_vanish() => Assert.Equal(0, Fill(4, _ => p => (ScriptedScorer.End, 0.9)).Length);

    [Fact]
    public void A_model_that_swings_is_made_to_write()
    {
        var lengths = new List<int>();
        Canvas canvas = Fill(4, sequence =>
        {
            lengths.Add(sequence.Length - Prompt.Length - 1);
            return p => lengths.Count % 2 == 0 ? (Expand, 0.9) : (ScriptedScorer.End, 0.9);
        });
        Assert.True(lengths.Count <= 2 * Most + 16 + Most, $"{lengths.Count} steps");
        Assert.All(lengths, l => Assert.InRange(l, 1, Most));
        Assert.DoesNotContain(ScriptedScorer.Mask, canvas.Ids.ToArray());
        Assert.DoesNotContain(Expand, canvas.Ids.ToArray());
        Assert.DoesNotContain(ScriptedScorer.End, canvas.Ids.ToArray());
    }

    [Fact]
    public void A_model_that_only_expands_stops_at_the_limit()
    {
        Canvas canvas = Fill(4, _ => p => (Expand, 0.9));
        Assert.Equal(Most, canvas.Length);
        Assert.DoesNotContain(Expand, canvas.Ids.ToArray());
    }

    [Fact]
    public void The_suffix_keeps_its_place_behind_the_hole()
    {
        Fill(2, sequence =>
        {
            Assert.Equal(Prompt, sequence[..3]);
            Assert.Equal(7, sequence[^1]);
            return Want(sequence, [5, 6, 7, 8]);
        });
    }

    [Fact]
    public void It_is_cancelled_between_two_steps() => Assert.Throws<OperationCanceledException>(() => Fill(4, _ => p => (1, 0.9), new CancellationToken(true)));

    /// <summary>A model that knows the text: at the right length it writes it, else the last position expands or vanishes first.</summary>
    private static Func<int, (int, double)> Want(int[] sequence, int[] text)
    {
        int length = sequence.Length - Prompt.Length - 1;
        return p => length == text.Length ? (text[p], 0.9) : p == length - 1 ? (length < text.Length ? Expand : ScriptedScorer.End, 0.95) : (text[Math.Min(p, text.Length - 1)], 0.5);
    }

    private static Canvas Fill(int start, Func<int[], Func<int, (int, double)>> model, CancellationToken cancellation = default)
    {
        var canvas = new Canvas(start, ScriptedScorer.Mask);
        var special = new SpecialTokens(ScriptedScorer.Mask, ScriptedScorer.End, null, null, null, null, null) { Expand = Expand };
        var blocked = new BlockedTokens(ScriptedScorer.Vocabulary, [ScriptedScorer.Mask, Expand], special);
        var decoder = new ExpandDecoder(new DecodeTask(Prompt, canvas, [7], _ => false), new ExpandSetup(Expand, ScriptedScorer.End, Most));
        Driven.Fill(decoder, canvas, new Scorer(model), blocked, cancellation: cancellation);
        return canvas;
    }

    private sealed class Scorer(Func<int[], Func<int, (int, double)>> model) : ICanvasScorer
    {
        public int Forwards { get; private set; }

        public Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window)
        {
            Forwards++;
            return new ScriptedScorer(Prompt.Length, model(sequence.ToArray())).Score(sequence, window);
        }
    }
}
