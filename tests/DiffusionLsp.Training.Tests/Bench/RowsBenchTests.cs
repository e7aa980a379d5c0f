using System.CommandLine;
using System.Globalization;
using DiffusionLsp.Training.Bench;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary><c>bench rows</c> from arguments to its table, on the embedded model.</summary>
[Collection("console")]
[Trait("tier", "slow")]
public sealed class RowsBenchTests : IDisposable
{
    private readonly CapturedConsole console = new();

    public void Dispose() => console.Dispose();

    [Fact]
    public void Both_ways_are_measured_and_agree()
    {
        Assert.Equal(0, Run("--context", "40", "--repeat", "2"));
        string[] lines = console.Output.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Assert.Contains(lines, line => line.StartsWith("| 47 |", StringComparison.Ordinal));
        Assert.StartsWith("| 1024 |", lines[^2]);
        Assert.InRange(double.Parse(lines[^1].Split(' ')[^1], CultureInfo.InvariantCulture), 1e-9, 1e-3); // two ways to the same sums: close, and not the same one twice
        Assert.DoesNotContain("libtorch alone", console.Errors.ToString());
    }

    [Fact]
    public void A_context_without_room_is_refused()
    {
        Assert.Equal(1, Run("--context", "5000"));
        Assert.Contains("--context is 5000", console.Errors.ToString());
    }

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "rows", .. arguments]);
}
