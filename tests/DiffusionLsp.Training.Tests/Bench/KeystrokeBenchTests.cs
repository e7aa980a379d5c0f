using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary><c>bench keystroke</c> from arguments to numbers, with a model of noise: warm equals cold through a whole file being typed.</summary>
[Collection("console")]
[Trait("tier", "slow")]
public sealed class KeystrokeBenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("anchored")]
    [InlineData("draft")]
    public void Every_way_writes_the_same(string decoder)
    {
        TinyModelFolder.Write(folder.Path, SmallTokenizer.Train(folder.Path));
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "keystroke", "--model", folder.Path, "--quick", "--threads", "1", "--decoder", decoder, "--threshold", "0.02", "--json", folder.File("numbers.json")]));
        JsonNode report = JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!;
        Assert.Equal(0, report["different"]!.GetValue<int>());
        Assert.Equal(36, report["keystrokes"]!.GetValue<int>());
        JsonNode warm = report["ways"]![0]!, cold = report["ways"]![1]!, uncached = report["ways"]![2]!;
        Assert.True(warm["cachedTokens"]!.GetValue<double>() > 0.95 * warm["promptTokens"]!.GetValue<double>(), "a keystroke finds nearly all of its prompt in the cache");
        Assert.Equal(0, cold["cachedTokens"]!.GetValue<double>());
        Assert.Equal(0, uncached["cachedTokens"]!.GetValue<double>());
        // Drafts learn from what was completed before, so that the numbers of forwards differ.
        if (decoder != "draft") Assert.Equal(warm["forwards"]!.GetValue<double>(), cold["forwards"]!.GetValue<double>());
        Assert.Contains("0 of 36 keystrokes completed differently", console.Output.ToString());
    }
}
