using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Every decoder with every cache and every end-of-text rule, on real (tiny) models: they compose freely.</summary>
[Trait("tier", "slow")]
public sealed class CombinationTests
{
    private const int Mask = TinyModel.Vocabulary - 1;
    private const int MaskedLength = 13;
    private const int BlockLength = 5;

    // Many ends, so that random weights write some.
    private static bool Ends(int id) => id % 6 == 0;

    public static TheoryData<string, CacheKind, string> All
    {
        get
        {
            var data = new TheoryData<string, CacheKind, string>();
            foreach (string decoder in CommitPolicies.Names)
                foreach (CacheKind cache in Enum.GetValues<CacheKind>())
                    foreach (string rule in EndOfTextRules.Names) data.Add(decoder, cache, rule);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Every_combination_fills_the_hole_and_nothing_else(string decoder, CacheKind cache, string rule)
    {
        foreach (Setting setting in Setting.All)
        {
            using var model = new TinyModel(setting.Shape, seed: 3);
            using Scorer scorer = new(model, cache);
            Written written = Decode(scorer, setting, decoder, rule);

            int[] positions = [.. written.Commits];
            Assert.Equal(positions.Distinct().Count(), positions.Length); // each position once
            Assert.InRange(written.Steps, 1, MaskedLength);
            Assert.Equal(written.Steps, scorer.Inner.Forwards);
            Assert.DoesNotContain(Mask, written.Ids);
            Assert.True(rule == "never" ? written.Ids.Length == MaskedLength : written.Ids.Length <= MaskedLength);
            Assert.All(scorer.Sequences, sequence =>
            {
                Assert.Equal(setting.Prompt, sequence[..setting.Prompt.Length]);
                Assert.Equal(setting.Suffix, sequence[^setting.Suffix.Length..]);
            });
        }
    }

    [Theory, MemberData(nameof(All))]
    public void The_same_seed_writes_the_same_whatever_was_decoded_or_cancelled_before(string decoder, CacheKind cache, string rule)
    {
        foreach (Setting setting in Setting.All)
        {
            using var model = new TinyModel(setting.Shape, seed: 3);
            using Scorer fresh = new(model, cache), used = new(model, cache);
            Written expected = Decode(fresh, setting, decoder, rule, seed: 5);
            foreach (int after in new[] { 1, 3 })
            {
                using var source = new CancellationTokenSource();
                used.Cancel = (source, used.Inner.Forwards + after);
                Setting other = setting with { Prompt = [.. setting.Prompt[..^1], 7, 8] };
                try { Decode(used, after == 1 ? setting : other, decoder, rule, seed: 9, cancellation: source.Token); }
                catch (OperationCanceledException) { }
                used.Cancel = null;
                Written actual = Decode(used, setting, decoder, rule, seed: 5);
                Assert.Equal(expected.Ids, actual.Ids);
                Assert.Equal(expected.Commits, actual.Commits);
            }
        }
    }

    [Theory]
    [InlineData("committed")]
    [InlineData("confident")]
    [InlineData("published")]
    public void The_settings_make_every_rule_cut_with_every_cache(string rule)
    {
        foreach (CacheKind cache in Enum.GetValues<CacheKind>())
            Assert.Contains(Setting.All, setting =>
            {
                using var model = new TinyModel(setting.Shape, seed: 3);
                using Scorer scorer = new(model, cache);
                return setting.Shape.Attention is AttentionKind.Full && Decode(scorer, setting, "threshold", rule).Ids.Length < MaskedLength;
            });
    }

    [Theory]
    [InlineData(CacheKind.Prefix)]
    [InlineData(CacheKind.Dual)]
    public void Refreshed_at_every_step_a_cache_changes_nothing(CacheKind cache)
    {
        foreach (Setting setting in Setting.All.Where(s => s.Shape.Attention is AttentionKind.Full))
            foreach (string decoder in CommitPolicies.Names)
                foreach (string rule in EndOfTextRules.Names)
                {
                    using var model = new TinyModel(setting.Shape, seed: 3);
                    using Scorer cached = new(model, cache) { EveryStep = true }, uncached = new(model, CacheKind.None);
                    Written expected = Decode(uncached, setting, decoder, rule), actual = Decode(cached, setting, decoder, rule);
                    Assert.Equal(expected.Ids, actual.Ids);
                    Assert.Equal(expected.Commits, actual.Commits);
                }
    }

    private static Written Decode(Scorer scorer, Setting setting, string decoder, string rule, int seed = 0, CancellationToken cancellation = default)
    {
        var options = new DecodeOptions { Decoder = decoder, EndOfText = rule }.With(CommitPolicies.Threshold, 0.4).With(ConfidentRule.Floor, 0.3).With(FactorPolicy.Factor, 1).With(EntropyBoundPolicy.EntropyBound, 0.8);
        var canvas = new Canvas(MaskedLength, Mask);
        var watch = new Watch();
        // A random filter for the decoders that use one.
        var context = new PolicyContext(setting.Prompt, Ends, Filters.Filters.Random(decoder == "learn2pd" ? FilterKind.Published : FilterKind.Position, BlockLength, new Random(4)));
        var loop = new DecodeLoop(new DecodeTask(setting.Prompt, canvas, setting.Suffix, Ends), CommitPolicies.Create(options, context), EndOfTextRules.Create(options), BlockLength);
        Driven.Fill(loop, canvas, scorer, (TinyModel.Vocabulary, [Mask]), (seed == 0 ? 0 : 0.8, seed), observer: watch, cancellation: cancellation);
        return new Written(canvas.Ids.ToArray(), watch.Commits, watch.Steps);
    }

    private sealed record Written(int[] Ids, List<int> Commits, int Steps);

    /// <summary>A body and the text around the hole.</summary>
    private sealed record Setting(ModelConfig Shape, int[] Prompt, int[] Suffix)
    {
        /// <summary>Both kinds of attention, with and without shift; bidirectional ones with and without text after the hole.</summary>
        public static IReadOnlyList<Setting> All { get; } =
        [
            .. from shift in new[] { 0, 16 }
               from body in new[] { (Attention: AttentionKind.Full, Suffix: (int[])[4, 5, 6, 7]), (AttentionKind.Full, []), (AttentionKind.BlockCausal, []) }
               select new Setting(TinyModel.Shape(3 + shift) with { Attention = body.Attention }, [1, 2, 3, 9, 11], body.Suffix),
        ];
    }

    /// <summary>The engine's scorer for a cache; it records the sequences and cancels in the middle of a chosen forward.</summary>
    private sealed class Scorer(TinyModel model, CacheKind cache) : ICanvasScorer, IDisposable
    {
        public RowScorer Inner { get; } = Scorers.Of(model.NewRunner(), cache, 64);

        public List<int[]> Sequences { get; } = [];
        public (CancellationTokenSource Source, int Forward)? Cancel { get; set; }
        public bool EveryStep { get; init; }
        public int Forwards => Inner.Forwards;

        public Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window)
        {
            Sequences.Add(sequence.ToArray());
            var logits = Inner.Score(sequence, EveryStep ? window with { Step = 0 } : window);
            if (Cancel is var (source, forward) && Inner.Forwards == forward) source.Cancel();
            return logits;
        }

        public void Dispose() => Inner.Dispose();
    }

    private sealed class Watch : IDecodeObserver
    {
        public List<int> Commits { get; } = [];
        public int Steps { get; private set; }

        public void OnStep(StepInfo step, Canvas canvas)
        {
            Steps++;
            Assert.NotEmpty(step.Selection.Indices);
            foreach (int i in step.Selection.Indices) Commits.Add(step.Proposals.Span[i].Position);
        }
    }
}
