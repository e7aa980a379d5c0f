using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>A forward cancelled at any point leaves nothing behind: the next one scores what a fresh scorer scores.</summary>
public sealed class CancelledForwardTests
{
    private const int Mask = TinyModel.Vocabulary - 1;

    [Theory]
    [InlineData("block-causal")]
    [InlineData("full")]
    [InlineData("prefix")]
    [InlineData("dual")]
    [InlineData("window")]
    public void Leaves_nothing_behind(string kind)
    {
        using var model = new TinyModel(TinyModel.Shape(16) with { Layers = 6, Attention = kind == "block-causal" ? AttentionKind.BlockCausal : AttentionKind.Full });
        using RowScorer scorer = Create(kind, model.NewRunner());
        var random = new Random(1);
        int[] sequence = Ids(random, 48);
        int cancelled = 0;
        for (int round = 0; round < 300 && (cancelled < 20 || round < 60); round++)
        {
            if (round % 3 == 0) sequence[random.Next(24)] = random.Next(40);
            Array.Fill(sequence, Mask, 30, 8);
            var window = new ScoreWindow(30, 30, 34, 38);
            using var source = new CancellationTokenSource();
            using var canceller = new LateCancel(random.Next(200), source);
            try
            {
                scorer.Score(sequence, window with { Cancellation = source.Token }).Dispose();
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
            using RowScorer fresh = Create(kind, model.NewRunner());
            using Tensor expected = fresh.Score(sequence, window).Tensor(), actual = scorer.Score(sequence, window).Tensor();
            using Tensor difference = (expected - actual).abs().max();
            Assert.InRange(difference.item<float>(), 0, 1e-4f);
        }
        Assert.True(cancelled > 0, "No forward was cancelled.");
    }

    [Fact]
    public void Nothing_is_computed_when_it_comes_too_late()
    {
        using var model = new TinyModel(TinyModel.Shape(16));
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 16);
        var window = new ScoreWindow(3, 3, 5, 5) { Cancellation = new CancellationToken(canceled: true) };
        Assert.Throws<OperationCanceledException>(() => scorer.Score([1, 2, 3, Mask, Mask], window));
        Assert.Equal((0, 0), (scorer.Forwards, scorer.CachedPrefixLength([1, 2, 3])));
    }

    private static RowScorer Create(string kind, ModelRunner model) => kind switch
    {
        "block-causal" => new BlockCausalScorer(model, CacheKind.Prefix, 64),
        "full" => new FullScorer(model),
        "prefix" => new BidirectionalScorer(model, CacheKind.Prefix, 64),
        "dual" => new BidirectionalScorer(model, CacheKind.Dual, 64),
        _ => new WindowScorer(model, 64),
    };

    private static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(40))];

    /// <summary>Cancels after some hundredths of a millisecond, on a thread that is already spinning.</summary>
    private sealed class LateCancel : IDisposable
    {
        private readonly Thread thread;

        public LateCancel(int hundredths, CancellationTokenSource source)
        {
            using var started = new ManualResetEventSlim();
            thread = new Thread(() =>
            {
                started.Set();
                long start = System.Diagnostics.Stopwatch.GetTimestamp();
                while (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds < hundredths / 100.0) Thread.SpinWait(10);
                source.Cancel();
            });
            thread.Start();
            started.Wait();
        }

        public void Dispose() => thread.Join();
    }
}
