using System.CommandLine;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Filter;
using DiffusionLsp.Training.Tests.Evaluate;

namespace DiffusionLsp.Training.Tests.Filter;

/// <summary>The verbs <c>filter collect</c>, <c>fit</c> and <c>evaluate</c>, one after the other, with a model of noise.</summary>
[Collection("console")]
[Trait("tier", "slow")]
public sealed class FilterVerbsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public FilterVerbsTests()
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
    public void From_training_files_to_a_table_of_held_out_cases()
    {
        Assert.Equal(0, Collect("--output", folder.File("a.gz"), "--workers", "1"));
        Assert.Equal(0, Collect("--output", folder.File("b.gz"), "--workers", "2", "--drive", "anchored", "--threshold", "0.02"));
        (TrajectoryHeader header, IReadOnlyList<Trajectory> trajectories) = TrajectoryFile.Read(folder.File("a.gz"));
        Assert.Equal(("ar", "oracle", 8), (header.Reference, header.Drive, header.BlockLength));
        Assert.Equal(3 * 8, trajectories.Count);
        Assert.All(trajectories, AssertWhole);
        Assert.Equal(trajectories.Select(t => t.Reference), TrajectoryFile.Read(folder.File("b.gz")).Trajectories.Select(t => t.Reference));

        Directory.CreateDirectory(folder.File("filters"));
        foreach ((string kind, string file) in new[] { ("position", "position.json"), ("published", "published-8.json") })
        {
            Assert.Equal(0, Run("filter", "fit", "--input", folder.File("a.gz"), folder.File("b.gz"), "--kind", kind, "--epochs", "3", "--output", folder.File("filters/" + file)));
            Assert.Equal(header.Model, FilterFile.Read(folder.File("filters/" + file)).Model);
        }
        Assert.Contains("area under the curve", console.Output.ToString());

        Assert.Equal(0, Evaluate("--tau", "0", "1", "--output", folder.File("table.md")));
        string[][] rows = [.. File.ReadLines(folder.File("table.md")).Where(l => l.StartsWith('|')).Skip(2).Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..])];
        string[] Row(string family, string knob) => rows.Single(r => r[0] == family && r[1] == knob);
        Assert.Equal("100.0", Row("reference", "")[4]);
        Assert.Equal("100.0", Row("oracle", "")[4]);
        Assert.Equal("100.0", Row("filter", "1")[4]); // nothing but the leftmost: autoregressive decoding
        Assert.Equal(Row("reference", "")[2], Row("filter", "1")[2]);
        Assert.True(double.Parse(Row("filter", "0")[2], System.Globalization.CultureInfo.InvariantCulture) < double.Parse(Row("filter", "1")[2], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(rows, r => r[0] == "learn2pd");
        Assert.DoesNotContain("Quick cases", File.ReadAllText(folder.File("table.md")));

        // The same measurement as a benchmark, without shards.
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() },
            ["bench", "filter", "--model", folder.Path, "--quick", "--languages", "javascript", "--workers", "1", "--controls", "anchored", "--tau", "0.5", "--output", folder.File("quick.md")]));
        string quick = File.ReadAllText(folder.File("quick.md"));
        Assert.StartsWith("6 cases", quick);
        Assert.Contains("Quick cases", quick);
    }

    [Fact]
    public void Without_shards_collect_has_a_quick_form_that_says_what_its_cases_are()
    {
        Assert.Equal(0, Run("filter", "collect", "--model", folder.Path, "--quick", "--languages", "python", "--workers", "1", "--output", folder.File("quick.gz")));
        Assert.Equal(3 * 3, TrajectoryFile.Read(folder.File("quick.gz")).Trajectories.Count);
        Assert.Contains("Quick cases", console.Errors.ToString());
    }

    [Theory]
    [InlineData("There is no reference 'guess'", "collect", "--reference", "guess")]
    [InlineData("There is no drive 'guess'", "collect", "--drive", "guess")]
    [InlineData("typescript.train", "collect", "--languages", "typescript")]
    [InlineData("ships no published-8.json", "collect", "--drive", "learn2pd")]
    [InlineData("--workers is 65", "collect", "--workers", "65")]
    [InlineData("'magic' names no filter", "evaluate", "--filter", "magic")]
    [InlineData("There is no filter file", "evaluate", "--filter", "filter=nowhere.json")]
    [InlineData("--workers is 0", "evaluate", "--workers", "0")]
    public void A_wrong_argument_is_one_sentence(string says, string verb, params string[] arguments)
    {
        Assert.Equal(1, verb == "collect" ? Collect(["--output", folder.File("a.gz"), .. arguments]) : Evaluate(arguments));
        Assert.Contains(says, console.Errors.ToString().TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain(" at DiffusionLsp", console.Errors.ToString());
    }

    [Theory]
    [InlineData("--kind is", "--kind", "magic")]
    [InlineData("--layers is 0", "--layers", "0")]
    [InlineData("contains no trajectories")]
    public void A_fit_without_trajectories_is_one_sentence(string says, params string[] arguments)
    {
        File.WriteAllText(folder.File("t.gz"), "not gzip");
        Assert.Equal(1, Run(["filter", "fit", "--input", folder.File("t.gz"), "--output", folder.File("f.json"), .. arguments]));
        Assert.Contains(says == "--kind is" ? "There is no kind 'magic'" : says, console.Errors.ToString());
        Assert.False(File.Exists(folder.File("f.json")));
    }

    /// <summary>Every position of the reference was committed once, as the reference says, each step made progress.</summary>
    private static void AssertWhole(Trajectory trajectory)
    {
        var written = new Dictionary<int, int>();
        foreach (TrajectoryStep step in trajectory.Steps)
        {
            Assert.NotEmpty(step.Selected);
            foreach (int i in step.Selected) written.Add(step.Positions[i], trajectory.Reference[step.Positions[i]]);
        }
        Assert.Equal(trajectory.Reference, written.OrderBy(w => w.Key).Select(w => w.Value));
    }

    private int Collect(params string[] arguments) => Run(["filter", "collect", "--model", folder.Path, "--shards", folder.Path, "--cases", "8", .. arguments.Contains("--languages") ? arguments : ["--languages", "csharp", .. arguments]]);

    private int Evaluate(params string[] arguments) =>
        Run(["filter", "evaluate", "--model", folder.Path, "--shards", folder.Path, "--languages", "csharp", "--cases", "3", "--controls", "anchored", .. arguments]);

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { FilterCommand.Create() }, arguments);
}
