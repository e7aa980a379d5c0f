using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding.Adaptive;

/// <summary>Adaptive parallel decoding has the properties that the paper states, on random models with all kinds of verifiers.</summary>
[Trait("tier", "slow")]
public sealed class AdaptiveDecoderTests
{
    public static TheoryData<int, string> Cases
    {
        get
        {
            var all = new TheoryData<int, string>();
            foreach (int variant in new[] { 16, 17, 18, 20, 23 })
                foreach (string verifier in Verifiers.Names) all.Add(variant, verifier);
            return all;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void At_weight_0_every_token_after_the_first_is_what_the_verifier_writes(int variant, string verifier)
    {
        using var setup = new Setup(variant, verifier);
        int later = 0;
        for (int round = 0; round < 6; round++)
        {
            int[] prompt = Causal.Ids(setup.Random, 8 + round);
            StepNotes notes = setup.Decode(prompt, new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, 0).With(AdaptiveDecoder.Mode, ApdMode.Greedy).With(AdaptiveDecoder.Lookahead, 6), 24);
            foreach (var step in notes.Steps)
                for (int i = step.At + 1; i < step.At + step.Committed; i++, later++)
                    Assert.Equal(setup.Verdict([.. prompt, .. step.Ids[..i]], prompt.Length + step.At), step.Ids[i]);
        }
        if (verifier == "same") Assert.True(later > 0, "no draft was ever accepted");
    }

    [Theory, MemberData(nameof(Cases))]
    public void At_weight_1_the_whole_draft_is_accepted(int variant, string verifier)
    {
        using var setup = new Setup(variant, verifier);
        foreach (ApdMode mode in Enum.GetValues<ApdMode>())
        {
            StepNotes notes = setup.Decode(Causal.Ids(setup.Random, 9), new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, 1).With(AdaptiveDecoder.Mode, mode).With(AdaptiveDecoder.Lookahead, 5), 23);
            Assert.Equal([5, 5, 5, 5, 3], notes.Steps.Select(s => s.Committed));
        }
        StepNotes drawn = setup.Decode(Causal.Ids(setup.Random, 9), new DecodeOptions { Temperature = 1, EndOfText = "never" }.With(AdaptiveDecoder.Weight, 1).With(AdaptiveDecoder.Lookahead, 5), 23);
        Assert.Equal([5, 5, 5, 5, 3], drawn.Steps.Select(s => s.Committed));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Verdicts_are_those_of_a_verifier_that_keeps_nothing(double weight)
    {
        using var setup = new Setup(18, "same");
        var compared = new Compared(setup);
        for (int round = 0; round < 8; round++)
            setup.Decode(Causal.Ids(setup.Random, 7), new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, weight).With(AdaptiveDecoder.Lookahead, 4), 20, verifier: compared);
        Assert.True(compared.Calls > 20);
    }

    [Fact]
    public void Weight_1_makes_the_fewest_steps_and_every_decode_ends_within_its_length()
    {
        using var setup = new Setup(17, "same");
        int[] prompt = Causal.Ids(setup.Random, 10);
        int Steps(double weight) => setup.Decode(prompt, new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, weight).With(AdaptiveDecoder.Lookahead, 8), 40).Steps.Count;
        Assert.Equal(5, Steps(1));
        foreach (double weight in new[] { 0, 0.3, 0.7 }) Assert.InRange(Steps(weight), 5, 40);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    public void Chance_is_a_function_of_the_seed(double weight)
    {
        using var setup = new Setup(16, "same");
        int[] prompt = Causal.Ids(setup.Random, 10);
        string Written(int seed) => string.Join(',', setup.Decode(prompt, new DecodeOptions { Temperature = 1.5, Seed = seed }.With(AdaptiveDecoder.Weight, weight), 16).Steps[^1].Ids);
        string[] all = [.. Enumerable.Range(0, 5).Select(Written)];
        for (int seed = 0; seed < all.Length; seed++) Assert.Equal(all[seed], Written(seed));
        Assert.True(all.Distinct().Count() > 1, "seeds differ");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_cancelled_decode_leaves_nothing_behind(int steps)
    {
        using var setup = new Setup(20, "same");
        int[] prompt = Causal.Ids(setup.Random, 10);
        var options = new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, 0.4).With(AdaptiveDecoder.Lookahead, 4);
        int[] expected = setup.Decode(prompt, options, 20).Steps[^1].Ids;
        using var source = new CancellationTokenSource();
        int calls = 0;
        var cancels = new Cancelling(setup.Verifier, () => { if (++calls == steps) source.Cancel(); });
        Assert.Throws<OperationCanceledException>(() => setup.Decode(Causal.Ids(setup.Random, 10), options, 20, cancels, source.Token));
        Assert.Equal(steps, calls);
        Assert.Equal(expected, setup.Decode(prompt, options, 20).Steps[^1].Ids);
    }

    [Theory]
    [InlineData(1, 0.2, false)]
    [InlineData(2, 0.5, false)]
    [InlineData(3, 0.8, false)]
    [InlineData(4, 0.0, false)]
    [InlineData(1, 0.2, true)]
    [InlineData(2, 0.5, true)]
    [InlineData(4, 0.0, true)]
    public void Coupled_draws_differ_as_rarely_as_the_total_variation_allows(int seed, double weight, bool host)
    {
        const int draws = 6000, kinds = 4;
        var random = new Random(seed);
        double[] diffusion = Distribution(random, kinds), autoregressive = Distribution(random, kinds);
        double[] product = [.. diffusion.Zip(autoregressive, (d, a) => Math.Pow(d, weight) * Math.Pow(a, 1 - weight))];
        double[] target = [.. product.Select(p => p / product.Sum())];
        var blocked = new BlockedTokens(kinds, []);
        using TokenProposer proposer = Proposers.Of(host, blocked);
        int[] Drawn(double[] p)
        {
            using Scores rows = Proposers.Scores(host, [.. Enumerable.Repeat(p.Select(x => (float)Math.Log(x)), draws).SelectMany(row => row)], kinds);
            return [.. proposer.Propose(rows, [Driven.Rows(0, draws, 1, seed)])[0].Select(x => x.TokenId)];
        }
        double disagree = Drawn(diffusion).Zip(Drawn(target)).Count(pair => pair.First != pair.Second) / (double)draws;
        // Both draws are w with probability 1 / Σ_v max(p_v / p_w, q_v / q_w).
        double exact = 1 - Enumerable.Range(0, kinds).Sum(w => 1 / Enumerable.Range(0, kinds).Sum(v => Math.Max(diffusion[v] / diffusion[w], target[v] / target[w])));
        double variation = diffusion.Zip(target, (d, t) => Math.Abs(d - t)).Sum() / 2;
        Assert.True(exact <= 2 * variation);
        Assert.Equal(exact, disagree, 4 * Math.Sqrt(exact * (1 - exact) / draws) + 1e-9);
        Assert.InRange(disagree, 0, 2 * variation + 4 * Math.Sqrt(exact / draws));
    }

    [Theory]
    [InlineData("same", true)]
    [InlineData("small", false)]
    [InlineData("ngram", false)]
    public void Only_who_reads_it_sees_the_fim_middle_token(string kind, bool sees)
    {
        using var setup = new Setup(18, kind);
        int[] text = Causal.Ids(setup.Random, 9), prompt = [.. text, Causal.End];
        var seen = new Recording(setup.Verifier);
        setup.Decode(Causal.Task(prompt, 12) with { Text = text }, new DecodeOptions { EndOfText = "never" }.With(AdaptiveDecoder.Weight, 1).With(AdaptiveDecoder.Lookahead, 4), seen);
        int[] expected = sees ? prompt : text;
        Assert.Equal([0, 4, 8], seen.Calls.Select(c => c.Start - expected.Length));
        Assert.All(seen.Calls, c => Assert.Equal(expected, c.Sequence[..expected.Length]));
        Assert.All(seen.Calls, c => Assert.Equal(c.Start + 3, c.Sequence.Length)); // the draft but its last token
    }

    private static double[] Distribution(Random random, int kinds)
    {
        double[] weight = [.. Enumerable.Range(0, kinds).Select(_ => Math.Exp(2 * random.NextDouble()))];
        return [.. weight.Select(w => w / weight.Sum())];
    }

    /// <summary>A diffusion model and a verifier of the named kind; "small" is another random model.</summary>
    private sealed class Setup : IDisposable
    {
        private readonly TinyModel model, other;
        private readonly BlockCausalScorer scorer, otherScorer;
        private readonly string kind;

        public Setup(int variant, string kind)
        {
            this.kind = kind;
            (model, other) = (new TinyModel(TinyModel.Shape(variant), variant), new TinyModel(TinyModel.Shape(variant ^ 3), 99));
            scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 128);
            otherScorer = new BlockCausalScorer(other.NewRunner(), CacheKind.Prefix, 128);
            Random = new Random(variant);
            Verifier = kind switch
            {
                "same" => new CausalScorer(scorer, readsText: false, isCanvas: true),
                "small" => new CausalScorer(otherScorer, readsText: true),
                "ngram" => new NgramScorer(new NgramModel(TinyModel.Vocabulary)),
                _ => throw new ArgumentException($"The test knows no verifier {kind}."),
            };
        }

        public Random Random { get; }

        public IAutoregressiveScorer Verifier { get; }

        /// <summary>The verifier's argmax after a context, computed without a cache; an n-gram model counts only what was committed before the step.</summary>
        public int Verdict(int[] context, int committed)
        {
            if (kind != "ngram") return Causal.Argmax(kind == "same" ? model : other, context);
            var fresh = new NgramModel(TinyModel.Vocabulary);
            fresh.Follow(context.AsSpan(0, committed));
            float[] probability = [.. fresh.Distribution(context).Select(p => (float)Math.Log(p))];
            probability[Causal.Mask] = float.NegativeInfinity;
            return Array.IndexOf(probability, probability.Max());
        }

        public StepNotes Decode(int[] prompt, DecodeOptions options, int length, IAutoregressiveScorer? verifier = null, CancellationToken cancellation = default) =>
            Decode(Causal.Task(prompt, length), options, verifier, cancellation);

        public StepNotes Decode(DecodeTask task, DecodeOptions options, IAutoregressiveScorer? verifier = null, CancellationToken cancellation = default)
        {
            var notes = new StepNotes();
            verifier ??= Verifier;
            Driven.Fill(new AdaptiveDecoder(task, verifier.ReadsText, options), task.Canvas, scorer, Causal.Vocabulary, (options.Temperature, options.Seed), verifier, notes, cancellation);
            Assert.False(task.Canvas.HasMask(0, task.Canvas.Length));
            return notes;
        }

        public void Dispose()
        {
            foreach (IDisposable part in new IDisposable[] { scorer, otherScorer, model, other }) part.Dispose();
        }
    }

    /// <summary>Compares each verdict with that of a scorer without a cache, which reads the whole sequence again.</summary>
    private sealed class Compared(Setup setup) : IAutoregressiveScorer
    {
        public int Calls { get; private set; }

        public bool ReadsText => setup.Verifier.ReadsText;

        public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
        {
            Calls++;
            Scores scores = setup.Verifier.Score(sequence, start, cancellation);
            using HostScores host = scores.OnHost();
            Assert.Equal((sequence.Length - start + 1, TinyModel.Vocabulary), (host.Rows, host.Vocabulary));
            for (int i = 0; i <= sequence.Length - start; i++)
            {
                float[] row = host.Row(i).ToArray();
                row[Causal.Mask] = float.NegativeInfinity;
                Assert.Equal(setup.Verdict(sequence[..(start + i)].ToArray(), start), Array.IndexOf(row, row.Max()));
            }
            return scores;
        }
    }

    private sealed class Cancelling(IAutoregressiveScorer inner, Action called) : IAutoregressiveScorer
    {
        public bool ReadsText => inner.ReadsText;

        public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
        {
            called();
            return inner.Score(sequence, start, cancellation);
        }
    }

    private sealed class Recording(IAutoregressiveScorer inner) : IAutoregressiveScorer
    {
        public List<(int[] Sequence, int Start)> Calls { get; } = [];

        public bool ReadsText => inner.ReadsText;

        public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
        {
            Calls.Add((sequence.ToArray(), start));
            return inner.Score(sequence, start, cancellation);
        }
    }
}
