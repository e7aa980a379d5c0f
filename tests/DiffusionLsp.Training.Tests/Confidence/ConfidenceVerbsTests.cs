using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Confidence;
using DiffusionLsp.Training.Tests.Evaluate;

namespace DiffusionLsp.Training.Tests.Confidence;

/// <summary>The verbs <c>confidence collect</c>, <c>fit</c> and <c>evaluate</c>, one after the other, with a model of noise.</summary>
[Collection("console")]
public sealed class ConfidenceVerbsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public ConfidenceVerbsTests()
    {
        TinyModelFolder.Write(folder.Path, HeldOut.Write(folder.Path));
        HeldOut.Write(folder.Path, seed: 2, split: "train");
    }

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task From_completions_to_a_file_that_serves_and_a_table()
    {
        Assert.Equal(0, Collect("train"));
        Assert.Equal(0, Collect("eval"));
        (ConfidenceHeader header, IReadOnlyList<ConfidenceCase> cases) = ConfidenceCaseFile.Read(folder.File("train.gz"));
        Assert.Equal("train", header.Split);
        Assert.InRange(cases.Count, 5 * 6, 6 * 6); // the files hold few blocks
        Assert.All(cases, c => Assert.All(c.Tokens, t => Assert.InRange(t.End, 0, c.Completion.Length)));

        // Seed 3 puts some of the three packages on either side.
        Assert.Equal(0, Run("confidence", "fit", "--model", folder.Path, "--input", folder.File("train.gz"), "--epochs", "2", "--seed", "3"));
        Assert.Contains("thresholds", console.Output.ToString());
        using (InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder.Path, Device = "cpu", Threads = 1 }))
        {
            InfillResult result = await engine.InfillAsync(new InfillRequest { Prefix = "class A\n{\n    int x = " }, new DecodeOptions { Length = 8 }, CancellationToken.None);
            ConfidenceThresholds thresholds = ConfidenceFile.Load(folder.Path).Thresholds;
            Assert.Equal(thresholds, result.Confidence.Thresholds);
            Assert.InRange(thresholds.Balanced, thresholds.Eager, thresholds.Quiet);
        }

        Assert.Equal(0, Run("confidence", "evaluate", "--model", folder.Path, "--input", folder.File("eval.gz"), "--output", folder.File("table.md"), "--plots", folder.File("plots")));
        string table = File.ReadAllText(folder.File("table.md"));
        Assert.Contains($"| csharp | all | balanced | {ConfidenceCaseFile.Read(folder.File("eval.gz")).Cases.Count} |", table);
        Assert.Contains("Expected calibration error", table);
        Assert.True(new FileInfo(folder.File("plots/reliability.png")).Length > 1000);
        Assert.True(new FileInfo(folder.File("plots/precision.png")).Length > 1000);
    }

    [Fact]
    public void Held_out_packages_are_not_fitted_to()
    {
        Assert.Equal(0, Collect("eval"));
        Assert.Equal(1, Run("confidence", "fit", "--model", folder.Path, "--input", folder.File("eval.gz")));
        Assert.Contains("collect the split train", console.Errors.ToString());
        Assert.False(File.Exists(folder.File(ConfidenceFile.Name)));
    }

    [Theory]
    [InlineData("There is no split 'all'", "--split", "all")]
    [InlineData("--cases is 0", "--cases", "0")]
    public void What_cannot_be_is_refused(string says, string option, string value)
    {
        Assert.Equal(1, Run("confidence", "collect", "--model", folder.Path, "--shards", folder.Path, "--output", folder.File("x.gz"), option, value));
        Assert.Contains(says, console.Errors.ToString());
    }

    private int Collect(string split) => Run("confidence", "collect", "--model", folder.Path, "--shards", folder.Path, "--split", split, "--languages", "csharp", "--cases", "6", "--workers", "1", "--output", folder.File($"{split}.gz"));

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { ConfidenceCommand.Create() }, arguments);
}
