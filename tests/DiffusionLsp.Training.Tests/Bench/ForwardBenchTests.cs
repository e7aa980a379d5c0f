using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Bench;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary><c>bench forward</c> from arguments to numbers on a machine without a GPU: the small shape, the same steps.</summary>
[Collection("console")]
public sealed class ForwardBenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_small_shape_is_measured_and_compared()
    {
        Assert.Equal(0, Run("--device", "cpu", "--shape", "small", "--rows", "1", "8", "--repeat", "3", "--quick", "--json", folder.File("numbers.json")));
        JsonNode report = JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!, shape = report["shapes"]![0]!;
        Assert.Equal(("cpu", "small", 3), (report["device"]!.GetValue<string>(), shape["name"]!.GetValue<string>(), shape["repeats"]!.GetValue<int>()));
        Assert.True(report["gigabytesPerSecond"]!.GetValue<double>() > 0 && report["nanosecondsPerLaunch"]!.GetValue<double>() > 0);
        Assert.InRange(shape["error"]!.GetValue<double>(), 1e-5, 0.1); // bfloat16 differs, and not much
        Assert.InRange(shape["agreement"]!.GetValue<double>(), 0.5, 1);
        Assert.True(shape["warmUps"]!.GetValue<int>() >= 4);
        Assert.Equal(["qkv", "o", "gate_up", "down", "output"], shape["products"]!.AsArray().Select(product => product!["name"]!.GetValue<string>()));
        // The weights of its products are all that a forward reads, but for norms.
        Assert.InRange(shape["bytesRead"]!.GetValue<double>() / (4 * LayerElements + 4 * 8192 * 256), 1, 1.001);
        Assert.Equal([1, 8], shape["rows"]!.AsArray().Select(rows => rows!["rows"]!.GetValue<int>()));
        Assert.All(shape["rows"]!.AsArray(), rows => Assert.True(0 < Number(rows, "p10") && Number(rows, "p10") <= Number(rows, "p50") && Number(rows, "p50") <= Number(rows, "p90")));
        Assert.Contains("| small | output | 8192 × 256 |", console.Output.ToString());
        Assert.Contains("no GPU to compare", console.Output.ToString());
    }

    [Theory]
    [InlineData("--shape", "huge")]
    [InlineData("--rows", "0")]
    public void An_unknown_shape_and_no_rows_are_refused(string option, string value) => Assert.NotEqual(0, Run(option, value));

    /// <summary>Elements of the products of the small shape's four layers.</summary>
    private const double LayerElements = 4 * (512 * 256 + 256 * 256 + 1408 * 256 + 256 * 704);

    private static double Number(JsonNode? node, string name) => node![name]!.GetValue<double>();

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "forward", .. arguments]);
}
