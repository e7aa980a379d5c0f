using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Tests.Models;

namespace DiffusionLsp.Engine.Tests.Decoding.Drafts;

/// <summary>Whatever is drafted, the text is the autoregressive one.</summary>
public sealed class DraftDecoderTests
{
    /// <summary>Rows that cost nothing, little, and as much as a forward.</summary>
    private static readonly RowCost[] Costs = [new(1, 0.001), new(1, 0.1), new(0, 1)];

    private static NgramModel Ngrams => new(TinyModel.Vocabulary);

    public static TheoryData<int> Variants => Causal.Variants;

    [Theory, MemberData(nameof(Variants))]
    public void The_text_is_the_autoregressive_one(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant), variant);
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
        var random = new Random(variant);
        int forwards = 0, tokens = 0;
        foreach (RowCost cost in Costs)
        {
            var memory = new DraftMemory(cost);
            for (int round = 0; round < 8; round++)
            {
                int[] prompt = Causal.Ids(random, 4 + random.Next(12)), expected = Causal.Autoregressive(model, prompt, 40);
                int[] guess = round % 3 == 0 ? [] : Changed(expected, random, round % 3 - 1);
                int before = scorer.Forwards;
                Assert.Equal(expected, Decode(scorer, memory, prompt, 40, guess).Steps[^1].Ids);
                forwards += scorer.Forwards - before;
                tokens += expected.Length;
            }
        }
        Assert.True(forwards < tokens * 0.7, $"{forwards} forwards for {tokens} tokens");
    }

    [Theory, MemberData(nameof(Variants))]
    public void Draws_are_the_autoregressive_ones_too(int variant)
    {
        using var model = new TinyModel(TinyModel.Shape(variant), variant);
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
        var memory = new DraftMemory(Costs[0]);
        for (int seed = 0; seed < 5; seed++)
        {
            int[] prompt = Causal.Ids(new Random(seed), 8), expected = Causal.Autoregressive(model, prompt, 24, 0.5, seed);
            Assert.Equal(expected, Decode(scorer, memory, prompt, 24, expected, 0.5, seed).Steps[^1].Ids);
            Assert.Equal(expected, Decode(scorer, memory, prompt, 24, [], 0.5, seed).Steps[^1].Ids);
        }
    }

    [Fact]
    public void A_right_guess_is_written_in_one_forward()
    {
        using var model = new TinyModel(TinyModel.Shape(18));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
        int[] prompt = Causal.Ids(new Random(3), 8), expected = Causal.Autoregressive(model, prompt, 12);
        StepNotes notes = Decode(scorer, new DraftMemory(new RowCost(1, 0.001)), prompt, 12, expected);
        Assert.Single(notes.Steps);
        Assert.Equal(1, scorer.Forwards);
        // All of it stays in the cache, but for a last token whose row nobody needed.
        Assert.InRange(scorer.CachedPrefixLength([.. prompt, .. expected]), prompt.Length + expected.Length - 1, prompt.Length + expected.Length);
    }

    [Fact]
    public void Rows_that_do_not_pay_are_not_fed()
    {
        using var model = new TinyModel(TinyModel.Shape(18));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
        int[] prompt = Causal.Ids(new Random(3), 8), wrong = [.. Causal.Autoregressive(model, prompt, 12).Select(id => (id + 1) % Causal.End)];
        StepNotes notes = Decode(scorer, new DraftMemory(new RowCost(0, 1)), prompt, 12, wrong);
        Assert.All(notes.Steps.Skip(2), step => Assert.Equal(1, step.Offered)); // it is noticed that the guesses are wrong
    }

    [Fact]
    public void A_cancelled_decode_leaves_nothing_behind()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
        var memory = new DraftMemory(Costs[1]);
        int[] prompt = Causal.Ids(new Random(5), 8), expected = Causal.Autoregressive(model, prompt, 20);
        using var source = new CancellationTokenSource();
        DecodeTask task = Causal.Task(Causal.Ids(new Random(6), 8), 60);
        Assert.Throws<OperationCanceledException>(() => Driven.Fill(new DraftDecoder(task, new NeverRule(), memory, Ngrams), task.Canvas, scorer, Causal.Vocabulary,
            observer: new Stop(source), cancellation: source.Token));
        Assert.Equal(expected, Decode(scorer, memory, prompt, 20, []).Steps[^1].Ids);
    }

    private static StepNotes Decode(ICanvasScorer scorer, DraftMemory memory, int[] prompt, int length, int[] guess, double temperature = 0, int seed = 0)
    {
        var notes = new StepNotes();
        DecodeTask task = Causal.Task(prompt, length) with { InitialDraft = new InitialDraft(guess, 30) };
        Driven.Fill(new DraftDecoder(task, new CommittedRule(), memory, Ngrams), task.Canvas, scorer, Causal.Vocabulary, (temperature, seed), observer: notes);
        Assert.False(task.Canvas.HasMask(0, length));
        Assert.InRange(notes.Steps.Count, 1, length);
        return notes;
    }

    private static int[] Changed(int[] ids, Random random, int changes)
    {
        int[] changed = [.. ids];
        for (int i = 0; i < changes; i++) changed[random.Next(changed.Length)] = random.Next(Causal.End);
        return changed;
    }

    private sealed class Stop(CancellationTokenSource source) : IDecodeObserver
    {
        public void OnStep(StepInfo step, Canvas canvas) => source.Cancel();
    }
}
