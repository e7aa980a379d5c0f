using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tests.Models;
using DiffusionLsp.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Several decodes in one forward: each gives the same result alone and batched, whichever others join, and a failure affects only its own decode.</summary>
[Collection(nameof(DecodeDriverTests))]
public sealed class DecodeDriverTests
{
    private const int Capacity = 96, Length = 14, Expand = 7;

    /// <summary>Sums over several threads differ in the last bit.</summary>
    public DecodeDriverTests() => LibtorchThreads.Set(1);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string scorer in new[] { "causal", "groups", "prefix", "dual", "full", "window" })
                foreach (string decoder in new[] { "vanilla", "threshold", "drawn", "apd", "expand" }) all.Add(scorer, decoder);
            foreach (string decoder in new[] { "draft", "drawn draft", "apd same" }) all.Add("causal", decoder);
            foreach (string scorer in new[] { "host causal", "host groups", "host dual", "host full", "host window" })
                foreach (string decoder in new[] { "threshold", "drawn", "apd", "expand" }) all.Add(scorer, decoder);
            foreach (string decoder in new[] { "draft", "drawn draft", "apd same" }) all.Add("host causal", decoder);
            return all;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void In_company_each_decode_writes_what_it_writes_alone(string scorer, string decoder)
    {
        using var table = new Table(scorer);
        Written[] alone = [.. Enumerable.Range(0, 6).Select(i => table.Seat(i, decoder, slot: 0)).Select(table.Alone)];
        for (int round = 0; round < 3; round++)
        {
            // Other slots, other neighbours, another order of joining each time.
            int[] order = [.. Enumerable.Range(0, 6)];
            var random = new Random(round);
            random.Shuffle(order);
            int[] slots = [.. Enumerable.Range(0, Table.Slots)];
            random.Shuffle(slots);
            Seat[] seats = [.. order.Select((who, i) => table.Seat(who, decoder, slots[i]))];
            Assert.All(table.Together(seats, joining: round).Values, Assert.Null);
            foreach (Seat seat in seats) seat.Expect(alone[seat.Who]);
        }
        Assert.Equal(!scorer.EndsWith("full", StringComparison.Ordinal), table.Driver.Shared.Forwards > 0);
    }

    [Theory, InlineData("causal"), InlineData("host causal")]
    public void What_others_write_changes_no_bit(string scorer)
    {
        using var table = new Table(scorer);
        Written First(int other)
        {
            Seat me = table.Seat(0, "threshold", 2), you = table.Seat(other, "threshold", 5);
            table.Together([me, you], joining: 0);
            return me.Written;
        }
        Assert.Equal(First(100).Confidences, First(101).Confidences);
    }

    [Theory, InlineData("causal"), InlineData("host causal")]
    public void A_slot_that_nobody_uses_is_not_read(string scorer)
    {
        using var table = new Table(scorer);
        Written alone = table.Alone(table.Seat(1, "threshold", 0)), second = table.Alone(table.Seat(2, "threshold", 0));
        table.Spoil();
        Seat one = table.Seat(1, "threshold", 3), two = table.Seat(2, "threshold", 6);
        one.Slot.Clear();
        two.Slot.Clear();
        table.Together([one, two], joining: 0);
        one.Expect(alone);
        two.Expect(second);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("policy")]
    [InlineData("plan")]
    public void Who_fails_fails_alone(string how)
    {
        using var table = new Table("causal");
        Written[] alone = [.. Enumerable.Range(0, 4).Select(i => table.Alone(table.Seat(i, "threshold", 0)))];
        using var source = new CancellationTokenSource();
        Seat[] seats = [.. Enumerable.Range(0, 4).Select(i => i == 2 ? table.Failing(how, i, source) : table.Seat(i, "threshold", i))];
        Dictionary<DecodeRun, Exception?> ended = table.Together(seats, joining: 0);
        if (how == "cancel") Assert.IsAssignableFrom<OperationCanceledException>(ended[seats[2].Run]);
        else Assert.IsType<NotSupportedException>(ended[seats[2].Run]);
        foreach (Seat seat in seats.Where(s => s.Who != 2))
        {
            Assert.Null(ended[seat.Run]);
            seat.Expect(alone[seat.Who]);
        }
    }

    [Fact]
    public void A_shared_forward_has_no_more_rows_than_allowed()
    {
        using var table = new Table("causal");
        Written alone = table.Alone(table.Seat(0, "threshold", 0));
        Seat[] many = [.. Enumerable.Range(0, 8).Select(i => table.Seat(0, "threshold", i))];
        var narrow = new DecodeDriver(table.Proposer, table.Runner) { MostRows = 24 };
        var left = many.Select(s => s.Run).ToList();
        while (left.Count > 0) narrow.Round([.. left], (run, error) => { Assert.Null(error); left.Remove(run); });
        foreach (Seat seat in many) seat.Expect(alone);
        Assert.True(narrow.Shared.Rows / narrow.Shared.Forwards <= 24, "a forward had too many rows");
    }

    /// <summary>A decode's result and its confidence.</summary>
    private sealed record Written(int[] Ids, float[] Confidences);

    private sealed class Seat(int who, DecodeRun run, Canvas canvas, KeyValueSlot slot, Sure sure)
    {
        public int Who => who;
        public DecodeRun Run => run;
        public KeyValueSlot Slot => slot;
        public Written Written => new(canvas.Ids.ToArray(), [.. sure.All]);

        public void Expect(Written alone)
        {
            Assert.Equal(alone.Ids, Written.Ids);
            Assert.Equal(alone.Confidences.Length, Written.Confidences.Length);
            Assert.All(alone.Confidences.Zip(Written.Confidences), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    private sealed class Sure : IDecodeObserver
    {
        public List<float> All { get; } = [];

        public void OnStep(StepInfo step, Canvas canvas)
        {
            foreach (Proposal p in step.Proposals.Span) All.Add(p.Confidence);
        }
    }

    /// <summary>A random model, an arena, and decodes at its slots.</summary>
    private sealed class Table : IDisposable
    {
        public const int Slots = 9;

        private readonly string kind;
        private readonly TinyModel model;
        private readonly KeyValueArena arena;

        /// <param name="name">A kind of cache; beginning with "host", without libtorch.</param>
        public Table(string name)
        {
            bool host = name.StartsWith("host ", StringComparison.Ordinal);
            kind = name.Split(' ')[^1];
            ModelConfig shape = TinyModel.Shape(kind == "groups" ? 32 + 3 : 16 + 3);
            if (host) shape = shape with { HeadSize = 32, IntermediateSize = 80 }; // whole vectors
            model = new TinyModel(kind is "causal" or "groups" ? shape : shape with { Attention = AttentionKind.Full }, 5, packed: host);
            Runner = model.NewRunner();
            Assert.Equal(host, Runner is HostRunner);
            arena = Runner.NewArena(Slots, Capacity);
            var blocked = new BlockedTokens(TinyModel.Vocabulary, [Causal.Mask, Expand], new SpecialTokens(Causal.Mask, Causal.End, null, null, null, null, null) { Expand = Expand });
            Proposer = Proposers.Of(host, blocked);
            foreach (TokenSet set in Enum.GetValues<TokenSet>()) // what is made when first used is no leak
            {
                using Scores one = Proposers.Scores(host, new float[TinyModel.Vocabulary], TinyModel.Vocabulary);
                ScoredRows row = Driven.Rows(0, 1);
                Proposer.Propose(one, [row with { Call = row.Call with { Allowed = set } }]);
            }
            Driver = new DecodeDriver(Proposer, Runner);
        }

        public ModelRunner Runner { get; }
        public TokenProposer Proposer { get; }
        public DecodeDriver Driver { get; }

        public Seat Seat(int who, string decoder, int slot, ICommitPolicy? policy = null, CancellationToken cancellation = default)
        {
            var random = new Random(who);
            int[] prompt = Causal.Ids(random, 6 + random.Next(12)), suffix = kind is "causal" or "groups" ? [] : Causal.Ids(random, random.Next(6));
            var canvas = new Canvas(Length - who % 3, Causal.Mask);
            var task = new DecodeTask(prompt, canvas, suffix, id => id == Causal.End) { Offset = kind == "groups" ? prompt.Length % 4 : 0 };
            KeyValueSlot place = arena.Slots[slot];
            RowScorer scorer = kind switch
            {
                "causal" or "groups" => new BlockCausalScorer(Runner, place, CacheKind.Prefix),
                "prefix" => new BidirectionalScorer(Runner, place, CacheKind.Prefix),
                "dual" => new BidirectionalScorer(Runner, place, CacheKind.Dual),
                "window" => new WindowScorer(Runner, place) { Window = 4 },
                _ => new FullScorer(Runner),
            };
            IAutoregressiveScorer? verifier = decoder switch
            {
                "apd" => new NgramScorer(new NgramModel(TinyModel.Vocabulary)),
                "apd same" => new CausalScorer(scorer, readsText: false, isCanvas: true),
                _ => null,
            };
            var options = new DecodeOptions().With(AdaptiveDecoder.Lookahead, 4).With(AdaptiveDecoder.Weight, 0.8);
            IDecoder made = decoder switch
            {
                "apd" or "apd same" => new AdaptiveDecoder(task, verifier!.ReadsText, options),
                "expand" => new ExpandDecoder(task, new ExpandSetup(Expand, Causal.End, Length)),
                "draft" or "drawn draft" => new DraftDecoder(task, new CommittedRule(), new DraftMemory(new RowCost(1, 0.05)), new NgramModel(TinyModel.Vocabulary)),
                _ => new DecodeLoop(task, policy ?? (decoder == "vanilla" ? new VanillaPolicy() : new ConfidenceThresholdPolicy(0.2)), new CommittedRule(), kind == "groups" ? 4 : 5),
            };
            var sure = new Sure();
            var run = new DecodeRun(made, canvas, scorer) { Verifier = verifier, Temperature = decoder.Contains("drawn") ? 0.8 : 0, Seed = who, Observer = sure, Cancellation = cancellation };
            return new Seat(who, run, canvas, place, sure);
        }

        /// <summary>A decode that fails in its second step.</summary>
        public Seat Failing(string how, int who, CancellationTokenSource source) => how switch
        {
            "cancel" => Seat(who, "threshold", who, new Acting(source.Cancel), source.Token),
            "policy" => Seat(who, "threshold", who, new Acting(() => throw new NotSupportedException())),
            _ => WithDecoder(who, new Unplannable()),
        };

        private Seat WithDecoder(int who, IDecoder decoder)
        {
            var canvas = new Canvas(2, Causal.Mask);
            var run = new DecodeRun(decoder, canvas, new BlockCausalScorer(Runner, arena.Slots[who], CacheKind.Prefix));
            return new Seat(who, run, canvas, arena.Slots[who], new Sure());
        }

        public Written Alone(Seat seat)
        {
            Driver.Complete(seat.Run);
            seat.Run.Dispose();
            return seat.Written;
        }

        /// <param name="joining">One more joins every so many rounds; 0: all at once.</param>
        public Dictionary<DecodeRun, Exception?> Together(Seat[] seats, int joining)
        {
            long tensors = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            var ended = new Dictionary<DecodeRun, Exception?>();
            for (int round = 0; ended.Count < seats.Length; round++)
            {
                int here = joining == 0 ? seats.Length : Math.Min(seats.Length, 1 + round / joining);
                Driver.Round([.. seats.Take(here).Select(s => s.Run).Where(r => !ended.ContainsKey(r))], ended.Add);
                Assert.True(round < 500, "the decodes do not end");
            }
            foreach (Seat seat in seats) seat.Run.Dispose();
            Assert.Equal(tensors, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
            return ended;
        }

        /// <summary>Fills every slot with values that must never be read.</summary>
        public void Spoil()
        {
            using var noGradient = no_grad();
            for (int layer = 0; layer < model.Config.Layers; layer++)
            {
                if (arena is HostArena host) Spoil(host, layer);
                else foreach (Tensor all in new[] { ((TensorArena)arena).Layer(layer).Keys, ((TensorArena)arena).Layer(layer).Values }) all.fill_(float.NaN);
            }
        }

        private unsafe void Spoil(HostArena host, int layer)
        {
            HostRows rows = host.Rows(0, layer);
            new Span<float>(rows.Keys, (int)rows.HeadStride * model.Config.KeyValueHeads).Fill(float.NaN);
            new Span<float>(rows.Values, (int)rows.HeadStride * model.Config.KeyValueHeads).Fill(float.NaN);
        }

        public void Dispose()
        {
            Proposer.Dispose();
            arena.Dispose();
            model.Dispose();
        }
    }

    /// <summary>Runs an action in the second step.</summary>
    private sealed class Acting(Action act) : ICommitPolicy
    {
        private int calls;

        public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
        {
            if (++calls == 2) act();
            return new Selection([0]);
        }
    }

    /// <summary>Fails to plan its rows.</summary>
    private sealed class Unplannable : IDecoder
    {
        public ScoreCall? Next() => throw new NotSupportedException();

        public StepInfo? Apply(Proposal[] proposals) => null;
    }
}

/// <summary>Alone: engines in other tests change libtorch's number of threads, which is the process's.</summary>
[CollectionDefinition(nameof(DecodeDriverTests), DisableParallelization = true)]
public sealed class DecodeDriverCollection;
