using DiffusionLsp.Engine;
using DiffusionLsp.Training.Bench.Decoding;

namespace DiffusionLsp.Training.Tests.Bench.Decoding;

/// <summary>What was measured is there again after a stop, however the run ended.</summary>
public sealed class PartialResultsTests : IDisposable
{
    private static readonly RunIdentity Identity = new("nano", "abc", "def", "cpu", "float32", 2, 1, RunIdentity.ThisEngine);

    private readonly TemporaryFolder folder = new();

    private string File => folder.File("run/results.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_second_sitting_finds_the_first_ones_results()
    {
        using (var first = new PartialResults(File, Identity))
        {
            Assert.Equal((1, 0), (first.Sitting, first.Count));
            first.Add(Record("a", 1));
            first.Add(Record("b", 1) with { Milliseconds = null });
        }
        using (var second = new PartialResults(File, Identity))
        {
            Assert.Equal((2, 2), (second.Sitting, second.Count));
            Assert.Equal(Record("a", 1), second.Find("s", "a", "m"));
            Assert.Null(second.Find("s", "a", "n"));
            second.Add(Record("b", 2)); // measured after all
        }
        using var third = new PartialResults(File, Identity);
        Assert.Equal((3, Record("b", 2)), (third.Sitting, third.Find("s", "b", "m")));
    }

    [Fact]
    public void A_line_that_was_being_written_is_measured_again()
    {
        using (var first = new PartialResults(File, Identity))
        {
            first.Add(Record("a", 1));
            first.Add(Record("größe → \n", 1));
        }
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, bytes[..^7]);
        using (var second = new PartialResults(File, Identity))
        {
            Assert.Equal(1, second.Count);
            second.Add(Record("größe → \n", 2));
        }
        using var third = new PartialResults(File, Identity);
        Assert.Equal(2, third.Count);
        Assert.Equal(2, third.Find("s", "größe → \n", "m")!.Sitting);
    }

    [Fact]
    public void Another_runs_results_are_refused_in_a_sentence()
    {
        new PartialResults(File, Identity).Dispose();
        var refusal = Assert.Throws<EngineException>(() => new PartialResults(File, Identity with { Threads = 1 }));
        Assert.Contains("another run", refusal.Message);
        Assert.Throws<EngineException>(() => new PartialResults(File, Identity with { Engine = RunIdentity.ThisEngine + 1 }));
        System.IO.File.AppendAllText(File, "{ nonsense\n");
        Assert.Contains("delete the file", Assert.Throws<EngineException>(() => new PartialResults(File, Identity)).Message);
    }

    [Fact]
    public void Without_a_file_nothing_is_kept()
    {
        using var results = new PartialResults(null, Identity);
        results.Add(Record("a", 1));
        Assert.NotNull(results.Find("s", "a", "m"));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static BenchRecord Record(string hole, int sitting) => new("s", hole, "m", "text\n→", 3, 3, 2, 12.5, null, sitting);
}
