using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The algorithm with a scripted scorer: order, progress, end, cancellation, chance.</summary>
public sealed class DecodeLoopTests
{
    private static readonly int[] Prompt = [1, 2, 3];

    [Fact]
    public void Vanilla_commits_one_token_per_forward_the_surest_first()
    {
        var scorer = new ScriptedScorer(3, p => (p, 0.5 + p / 10.0));
        (Canvas canvas, List<int> order) = Run(scorer, length: 4, block: 4);
        Assert.Equal([0, 1, 2, 3], canvas.Ids.ToArray());
        Assert.Equal([3, 2, 1, 0], order);
        Assert.Equal(4, scorer.Forwards);
    }

    [Fact]
    public void Blocks_go_from_left_to_right()
    {
        var scorer = new ScriptedScorer(3, p => (p % 8, 0.5 + p / 100.0));
        (_, List<int> order) = Run(scorer, length: 7, block: 3);
        Assert.Equal([2, 1, 0, 5, 4, 3, 6], order);
        Assert.All(scorer.Calls, call => Assert.True(call.End == (call.Start / 3 + 1) * 3 || call.End == 7, "a call ends with its block"));
    }

    [Fact]
    public void What_is_committed_is_shown_to_the_next_step_and_never_asked_again()
    {
        var scorer = new ScriptedScorer(3, p => (p, p == 0 ? 0.9 : 0.3));
        Run(scorer, length: 2, block: 2);
        Assert.Equal([1, 2, 3, ScriptedScorer.Mask, ScriptedScorer.Mask], scorer.Calls[0].Sequence);
        Assert.Equal([1, 2, 3, 0, ScriptedScorer.Mask], scorer.Calls[1].Sequence);
        Assert.Equal((1, 2), (scorer.Calls[1].Start, scorer.Calls[1].End));
    }

    [Fact]
    public void Suffix_tokens_stand_behind_the_canvas()
    {
        var scorer = new ScriptedScorer(3, p => (p, 0.9));
        Run(scorer, length: 1, block: 1, suffix: [7, 8]);
        Assert.Equal([1, 2, 3, ScriptedScorer.Mask, 7, 8], scorer.Calls[0].Sequence);
    }

    [Fact]
    public void An_end_token_cuts_what_is_right_of_it_and_the_left_is_still_filled()
    {
        var scorer = new ScriptedScorer(3, p => p == 2 ? (ScriptedScorer.End, 0.95) : (p % 8, 0.5));
        (Canvas canvas, _) = Run(scorer, length: 12, block: 4);
        Assert.Equal([0, 1, ScriptedScorer.End], canvas.Ids.ToArray());
        Assert.Equal(3, scorer.Forwards);
        Assert.DoesNotContain(scorer.Calls.Skip(1), call => call.End > 3);
    }

    [Fact]
    public void The_leftmost_of_several_end_tokens_counts()
    {
        var scorer = new ScriptedScorer(3, p => p is 1 or 3 ? (ScriptedScorer.End, 0.95) : (p, 0.95));
        (Canvas canvas, _) = Run(scorer, length: 4, block: 4, policy: new ConfidenceThresholdPolicy(0.9));
        Assert.Equal([0, ScriptedScorer.End], canvas.Ids.ToArray());
        Assert.Equal(1, scorer.Forwards);
    }

    [Fact]
    public void The_mask_is_never_written()
    {
        var scorer = new ScriptedScorer(3, p => (ScriptedScorer.Mask, 0.99));
        (Canvas canvas, _) = Run(scorer, length: 4, block: 2);
        Assert.DoesNotContain(ScriptedScorer.Mask, canvas.Ids.ToArray());
    }

    [Fact]
    public void Cancellation_is_noticed_before_the_next_forward()
    {
        using var source = new CancellationTokenSource();
        ScriptedScorer? scorer = null;
        scorer = new ScriptedScorer(3, p =>
        {
            if (scorer!.Forwards == 3) source.Cancel(); // in the middle of the third forward
            return (p % 8, 0.5);
        });
        Assert.Throws<OperationCanceledException>(() => Run(scorer, length: 8, block: 8, cancellation: source.Token));
        Assert.Equal(3, scorer.Forwards);
    }

    [Fact]
    public void Cancelled_before_it_begins_it_runs_no_forward()
    {
        var scorer = new ScriptedScorer(3, p => (p, 0.5));
        Assert.Throws<OperationCanceledException>(() => Run(scorer, length: 4, block: 4, cancellation: new CancellationToken(true)));
        Assert.Equal(0, scorer.Forwards);
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(2.0)]
    public void Chance_is_a_function_of_the_seed(double temperature)
    {
        int[] Written(int seed) => Run(new ScriptedScorer(3, p => (p % 8, 0.3)), length: 12, block: 4, temperature: temperature, seed: seed).Canvas.Ids.ToArray();
        int[][] results = [.. Enumerable.Range(0, 6).Select(Written)];
        for (int seed = 0; seed < results.Length; seed++) Assert.Equal(results[seed], Written(seed));
        Assert.True(results.Select(r => string.Join(',', r)).Distinct().Count() > 1, "seeds differ");
    }

    [Fact]
    public void Without_temperature_the_seed_does_nothing()
    {
        int[] Written(int seed) => Run(new ScriptedScorer(3, p => (p % 8, 0.3)), length: 8, block: 4, seed: seed).Canvas.Ids.ToArray();
        Assert.Equal(Written(1), Written(2));
    }

    /// <summary>Runs the loop and records the positions in the order of their commits.</summary>
    private static (Canvas Canvas, List<int> Order) Run(ICanvasScorer scorer, int length, int block, ICommitPolicy? policy = null, int[]? suffix = null,
        IEndOfTextRule? endOfText = null, double temperature = 0, int seed = 0, CancellationToken cancellation = default)
    {
        var canvas = new Canvas(length, ScriptedScorer.Mask);
        var order = new Order();
        var task = new DecodeTask(Prompt, canvas, suffix ?? [], id => id == ScriptedScorer.End);
        Driven.Fill(new DecodeLoop(task, policy ?? new VanillaPolicy(), endOfText ?? new CommittedRule(), block), canvas, scorer,
            (ScriptedScorer.Vocabulary, [ScriptedScorer.Mask]), (temperature, seed), observer: order, cancellation: cancellation);
        Assert.False(canvas.HasMask(0, length));
        return (canvas, order.Positions);
    }

    private sealed class Order : IDecodeObserver
    {
        public List<int> Positions { get; } = [];

        public void OnStep(StepInfo step, Canvas canvas)
        {
            Assert.NotEmpty(step.Selection.Indices);
            foreach (int i in step.Selection.Indices) Positions.Add(step.Proposals.Span[i].Position);
        }
    }
}
