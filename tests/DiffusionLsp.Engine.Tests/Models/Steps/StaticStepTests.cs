using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Tests.Decoding;
using DiffusionLsp.Engine.Tests.Decoding.Filters;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models.Steps;

/// <summary>Static steps, executed in plain C#, against the forward as it always was: the same scores and the same texts.</summary>
[Trait("tier", "slow")]
public sealed class StaticStepTests
{
    private const int Mask = TinyModel.Vocabulary - 1;
    private const float Tolerance = 1e-4f; // the order of additions differs

    public static TheoryData<int> Variants => [.. Enumerable.Range(0, 16)];

    /// <summary>With part of each head rotated in half of the variants.</summary>
    private static ModelConfig Shape(int variant) => TinyModel.Shape(variant) with { HeadSize = 16, RotarySize = (variant & 1) != 0 ? 8 : null };

    [Theory, MemberData(nameof(Variants))]
    public void Rows_of_several_sequences_are_scored_as_alone(int variant)
    {
        using var model = new TinyModel(Shape(variant), variant);
        var device = new ReferenceStepDevice();
        using var stepped = Stepped(model, device);
        var plain = new TensorRunner(model.Transformer);
        using KeyValueArena together = stepped.NewArena(3, 200), alone = plain.NewArena(3, 200);
        var random = new Random(variant);
        int[] fed = [0, 0, 0];
        for (int round = 0; round < 10; round++)
        {
            var work = new List<RowPlan>();
            for (int s = 0; s < 3; s++)
            {
                int rows = random.Next(6) == 0 ? random.Next(30, 50) : random.Next(1, 9), first = fed[s] > 150 ? 20 : Math.Max(0, fed[s] - random.Next(4)); // some rows anew, as after a cut
                int scored = random.Next(1, rows + 1);
                work.Add(new RowPlan([.. Enumerable.Range(0, rows).Select(_ => random.Next(Mask))], first, first + rows, random.Next(2) == 0 ? null : [.. Enumerable.Range(first + 1, rows)], random.Next(rows - scored + 1), scored));
                fed[s] = first + rows;
            }
            using Scores all = stepped.ScoreTogether([.. work.Select((plan, s) => (together.Slots[s], plan))], null, CancellationToken.None);
            float[] expected = [.. work.SelectMany((plan, s) => Numbers(plain.Score(plan, alone.Slots[s], null, CancellationToken.None)))];
            AssertClose(expected, Numbers(all));
        }
        Assert.True(device.Buckets.Distinct().Count() > 1, "the rows should have filled several buckets");
    }

    public static TheoryData<AttentionKind, CacheKind, bool> AllScorers => new()
    {
        { AttentionKind.BlockCausal, CacheKind.None, false },
        { AttentionKind.BlockCausal, CacheKind.Prefix, false },
        { AttentionKind.Full, CacheKind.Prefix, false },
        { AttentionKind.Full, CacheKind.Dual, false },
        { AttentionKind.Full, CacheKind.Dual, true },
    };

    /// <summary>Every scorer with every policy, over canvases that are cut and prompts that are edited, typed on and joined again.</summary>
    [Theory, MemberData(nameof(AllScorers))]
    public void Every_scorer_writes_the_same(AttentionKind attention, CacheKind cache, bool isWindow)
    {
        foreach (int shift in new[] { 0, 16 })
        {
            using var model = new TinyModel(Shape(3 + shift) with { Attention = attention }, seed: 3);
            var device = new ReferenceStepDevice();
            using var stepped = Stepped(model, device);
            var twin = new TwinRunner(stepped, new TensorRunner(model.Transformer), Tolerance);
            using RowScorer scorer = isWindow ? new WindowScorer(twin, 96) { Window = 4 } : Scorers.Of(twin, cache, 96);
            using RowScorer expected = isWindow ? new WindowScorer(new TensorRunner(model.Transformer), 96) { Window = 4 } : Scorers.Of(new TensorRunner(model.Transformer), cache, 96);
            var random = new Random(7);
            List<int> prompt = [1, 2, 3, 9, 11];
            foreach (string decoder in CommitPolicies.Names)
            {
                int[] suffix = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(Mask))];
                int length = random.Next(3, 14);
                Assert.Equal(Text(expected, prompt, suffix, decoder, length), Text(scorer, prompt, suffix, decoder, length));
                if (random.Next(2) == 0) prompt.RemoveRange(prompt.Count - 2, 2);
                prompt.AddRange(Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(Mask)));
            }
            Assert.True(twin.Compared.Forwards > 20, $"only {twin.Compared.Forwards} forwards were compared");
            Assert.Equal(twin.Compared.Forwards, device.Buckets.Count);
        }
    }

    private static int[] Text(RowScorer scorer, List<int> prompt, int[] suffix, string decoder, int length)
    {
        var options = new DecodeOptions { Decoder = decoder, EndOfText = "committed" }.With(CommitPolicies.Threshold, 0.4).With(FactorPolicy.Factor, 1).With(EntropyBoundPolicy.EntropyBound, 0.8);
        var canvas = new Canvas(length, Mask);
        int[] text = [.. prompt];
        bool Ends(int id) => id % 6 == 0;
        var loop = new DecodeLoop(new DecodeTask(text, canvas, suffix, Ends), CommitPolicies.Create(options, new PolicyContext(text, Ends, Filters.Random(decoder == "learn2pd" ? FilterKind.Published : FilterKind.Position, 5, new Random(4)))), EndOfTextRules.Create(options), 5);
        Driven.Fill(loop, canvas, scorer, (TinyModel.Vocabulary, [Mask]));
        return canvas.Ids.ToArray();
    }

    [Fact]
    public void Proposals_from_statistics_equal_those_from_scores()
    {
        using var model = new TinyModel(Shape(1), seed: 2);
        using var stepped = Stepped(model, new ReferenceStepDevice());
        using KeyValueArena arena = stepped.NewArena(2, 40);
        using Scores scores = stepped.ScoreTogether([(arena.Slots[0], new RowPlan([1, 2, 3, 4, 5], 0, 5, null, 1, 4)), (arena.Slots[1], new RowPlan([7, 8, 9], 0, 3, null, 0, 3))], null, CancellationToken.None);
        using Scores copy = scores.Copy();
        Assert.IsType<StepScores>(scores);
        Assert.IsNotType<StepScores>(copy);
        using var proposer = new TensorProposer(new BlockedTokens(TinyModel.Vocabulary, [Mask, 3, 32, 33]), CPU);
        ScoredRows[] parts = [Driven.Rows(2, 4), Driven.Rows(9, 3)];
        Proposal[] expected = [.. proposer.Propose(copy, parts).SelectMany(p => p)], actual = [.. proposer.Propose(scores, parts).SelectMany(p => p)];
        Assert.Equal(expected.Select(p => (p.Position, p.TokenId)), actual.Select(p => (p.Position, p.TokenId)));
        AssertClose([.. expected.SelectMany(p => new[] { p.Confidence, p.Margin, p.Entropy })], [.. actual.SelectMany(p => new[] { p.Confidence, p.Margin, p.Entropy })]);
        using Scores some = scores.Slice(4, 3);
        Assert.Equal(actual[4..].Select(p => p.TokenId), proposer.Propose(some, [parts[1]])[0].Select(p => p.TokenId));
    }

    [Fact]
    public void An_arena_that_grows_gets_a_step_of_its_own()
    {
        using var model = new TinyModel(Shape(0), seed: 2);
        var device = new ReferenceStepDevice();
        using var stepped = Stepped(model, device);
        using KeyValueArena arena = stepped.NewArena(1, 8), alone = new TensorRunner(model.Transformer).NewArena(1, 64);
        int[] ids = [.. Enumerable.Range(1, 40)];
        foreach ((int first, int last) in new[] { (0, 8), (8, 20), (20, 40) })
        {
            arena.Grow(1, last);
            var plan = new RowPlan(ids[first..last], first, last, null, 0, last - first);
            AssertClose(Numbers(new TensorRunner(model.Transformer).Score(plan, alone.Slots[0], null, CancellationToken.None)), Numbers(stepped.Score(plan, arena.Slots[0], null, CancellationToken.None)));
        }
        Assert.Equal(3, device.Buckets.Count);
    }

    [Fact]
    public void Too_many_rows_go_the_other_way()
    {
        using var model = new TinyModel(Shape(0), seed: 2);
        var device = new ReferenceStepDevice();
        using var stepped = Stepped(model, device);
        using KeyValueArena arena = stepped.NewArena(1, 200);
        foreach (int rows in new[] { StepBucket.MostRows, StepBucket.MostRows + 1 }) stepped.Score(new RowPlan(new int[rows], 0, rows, null, 0, 1), arena.Slots[0], null, CancellationToken.None).Dispose();
        Assert.Equal([new StepBucket(StepBucket.MostRows, 256)], device.Buckets);
        Assert.Equal(2L * StepBucket.MostRows + 1, stepped.Fed.Prompt + stepped.Fed.Step);
    }

    private static StepRunner Stepped(TinyModel model, IStepDevice device) => new(new TensorRunner(model.Transformer), model.Transformer, device, null);

    private static float[] Numbers(Scores scores)
    {
        using (scores)
        {
            using var host = scores.OnHost();
            return host.All.ToArray();
        }
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, Tolerance);
    }
}
