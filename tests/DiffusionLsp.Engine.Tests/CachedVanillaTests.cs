using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests;

/// <summary>
/// The published baseline, one token per full forward over the prompt and the whole canvas, gives the same tokens as with the exact
/// cache. The decoding benchmark relies on this: it times the former and takes the texts of the latter.
/// </summary>
[Trait("tier", "slow")]
public sealed class CachedVanillaTests
{
    private static readonly InfillRequest[] Holes =
    [
        new() { Prefix = "using System;\n\nclass Totals\n{\n    int Sum(int[] values)\n    {\n        int sum = 0;\n        ", Suffix = "\n        return sum;\n    }\n}\n", Path = "Totals.cs" },
        new() { Prefix = "def mean(values):\n    if not values:\n        ", Suffix = "\n    return sum(values) / len(values)\n", Path = "stats.py" },
    ];

    [Fact]
    public async Task The_whole_canvas_is_the_same()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        foreach (InfillRequest hole in Holes)
        {
            var published = new DecodeOptions { Decoder = "vanilla", Cache = CacheKind.None, BlockLength = 32, EndOfText = "never", Length = 80 };
            var uncached = new WholeCanvas();
            var cached = new WholeCanvas();
            InfillResult slow = await engine.InfillAsync(hole, published, uncached, CancellationToken.None);
            InfillResult fast = await engine.InfillAsync(hole, published with { Cache = CacheKind.Prefix }, cached, CancellationToken.None);
            Assert.Equal(80, uncached.Ids.Length);
            Assert.Equal(uncached.Ids, cached.Ids);
            Assert.Equal(uncached.Order, cached.Order);
            Assert.Equal((80, 80), (slow.Forwards, fast.Forwards));
            Assert.Equal(slow.Completion, fast.Completion);
        }
    }

    /// <summary>Keeps every token, including those after the end of the text, and the order in which they were committed.</summary>
    private sealed class WholeCanvas : IDecodeObserver
    {
        public int[] Ids { get; private set; } = [];

        public List<int> Order { get; } = [];

        public void OnStep(StepInfo step, Canvas canvas)
        {
            Ids = canvas.Ids.ToArray();
            foreach (int i in step.Selection.Indices) Order.Add(step.Proposals.Span[i].Position);
        }
    }
}
