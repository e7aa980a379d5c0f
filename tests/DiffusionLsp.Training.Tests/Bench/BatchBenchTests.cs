using DiffusionLsp.Engine;
using DiffusionLsp.Training.Bench.Batch;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary>The batch benchmark on a tiny number of clients: it counts what happened, and company changes no text.</summary>
[Trait("tier", "slow")]
public sealed class BatchBenchTests
{
    [Fact]
    public void It_counts_what_clients_share()
    {
        using var model = new RandomModelFolder();
        BatchReport report = BatchBench.Run(new EngineOptions { ModelFolder = model.Path, Device = "cpu", Threads = 1, MostActive = 2 }, "tiny", [1, 2], each: 1);
        Assert.Equal([1, 2], report.Rows.Select(r => r.Clients));
        Assert.Equal([8, 8], report.Rows.Select(r => r.Completions));
        Assert.Equal((0, 0L), (report.Different, report.Rows[0].SharedForwards));
        Assert.InRange(report.Rows[1].SharedForwards, 1, report.Rows[1].Forwards / 2 + 8);
        Assert.Equal(1, report.Ratios[0]);
        string[] lines = report.Table().TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
    }
}
