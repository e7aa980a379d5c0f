using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Bench;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary><c>bench forward</c> from arguments to numbers on a machine without a GPU: the small shape, the same steps.</summary>
[Collection("console")]
public sealed class ForwardBenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly (TextWriter Out, TextWriter Error) former = (Console.Out, Console.Error);
    private readonly StringWriter output = new();

    public ForwardBenchTests()
    {
        Console.SetOut(output);
        Console.SetError(TextWriter.Null);
    }

    public void Dispose()
    {
        Console.SetOut(former.Out);
        Console.SetError(former.Error);
        folder.Dispose();
    }

    [Fact]
    public void The_small_shape_is_measured_and_compared()
    {
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "forward", "--device", "cpu", "--repeat", "1", "--json", folder.File("numbers.json")]));
        JsonNode report = JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!, shape = report["shapes"]![0]!;
        Assert.Equal(("cpu", "small"), (report["device"]!.GetValue<string>(), shape["name"]!.GetValue<string>()));
        Assert.InRange(shape["error"]!.GetValue<double>(), 1e-5, 0.1); // bfloat16 differs, and not much
        Assert.InRange(shape["agreement"]!.GetValue<double>(), 0.5, 1);
        Assert.All(shape["rows"]!.AsArray(), rows => Assert.True(rows!["milliseconds"]!.GetValue<double>() > 0));
        Assert.Contains("| small |", output.ToString());
        Assert.Contains("no GPU to compare", output.ToString());
    }

    [Fact]
    public void An_unknown_shape_is_refused() =>
        Assert.NotEqual(0, Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "forward", "--shape", "huge"]));
}
