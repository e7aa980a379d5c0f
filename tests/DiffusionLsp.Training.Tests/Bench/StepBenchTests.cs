using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tests.Cuda;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Bench.Gpu;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary><c>bench step</c> from arguments to lines, with the stand-in for the CUDA driver: every part runs, and none stops the next.</summary>
[Collection("console"), Trait("tier", "slow")]
public sealed class StepBenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    [StandInFact]
    public void Every_part_prints_a_line()
    {
        int code = Run("--device", "cpu", "--driver", StandInDriver.Path, "--shape", "tiny", "--quick", "--json", folder.File("lines.json"));
        JsonArray lines = JsonNode.Parse(File.ReadAllText(folder.File("lines.json")))!["lines"]!.AsArray();
        Assert.Equal(["interface", "launches", "products", "steps", "own products", "replays", "memory", "engine"], lines.Select(line => line!["part"]!.GetValue<string>()));
        Assert.All(lines, line => Assert.True(line!["isGood"]!.GetValue<bool>(), line.ToJsonString()));
        Assert.Equal(lines.Count, console.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Matches(@"steps: tiny, floor .* ms; 1 of 64: .* × floor.*error 0\.0", console.Output.ToString());
        Assert.Equal(0, code);
        Assert.Contains("ns per node of a graph; tiny, floor", SessionLines.Step("", File.ReadAllText(folder.File("lines.json"))), StringComparison.Ordinal);
    }

    [StandInFact]
    public void A_part_that_fails_says_why_and_the_next_runs()
    {
        StandInDriver.Fail("cuModuleLoadData", 0, 218);
        Assert.Equal(1, Run("--device", "cpu", "--driver", StandInDriver.Path, "--shape", "tiny", "--quick"));
        StandInDriver.Mend();
        Assert.Contains("interface: failed: cuModuleLoadData answered CUDA_ERROR_INVALID_PTX", console.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 of 8 parts failed: interface.", console.Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("launches: ", console.Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("launches: failed", console.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_GPU_it_says_so()
    {
        Assert.Equal(1, Run("--device", "cpu"));
        Assert.Contains("bench step needs an NVIDIA GPU", console.Errors.ToString(), StringComparison.Ordinal);
    }

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "step", .. arguments]);
}
