using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Bench.Decoding;
using DiffusionLsp.Training.Tests.Evaluate;

namespace DiffusionLsp.Training.Tests.Bench.Decoding;

/// <summary><c>bench decoding</c> from arguments to files, with a model of noise: the cache changes nothing, and a run that was stopped goes on.</summary>
[Collection("console")]
[Trait("tier", "slow")]
public sealed class DecodingBenchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public DecodingBenchTests()
    {
        TinyModelFolder.Write(folder.Path, HeldOut.Write(folder.Path));
    }

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    private string Partial => folder.File("numbers.partial.jsonl");

    [Fact]
    public void Measures_goes_on_after_a_stop_and_fills_the_document()
    {
        Assert.Equal(0, Run("--methods", "threshold", "stable 0.9", "oracle", "--plot", folder.File("plot.png")));
        string[] measured = File.ReadAllLines(Partial);
        JsonNode report = JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!;
        Assert.Equal(["completion, blocks of 8, context 96", "canvas 40, blocks of 8, context 64"], report["settings"]!.AsArray().Select(s => s!["setting"]!.ToString()));
        foreach (JsonNode? setting in report["settings"]!.AsArray())
        {
            Assert.Equal(0, setting!["cacheDiffers"]!.GetValue<int>());
            Assert.Equal(8, setting["cacheChecked"]!.GetValue<int>()); // vanilla and the uncached threshold, four timed cases each
            JsonNode vanilla = setting["rows"]![0]!;
            JsonNode oracle = setting["rows"]!.AsArray().First(r => r!["method"]!.ToString() == "oracle")!;
            Assert.Equal(100, oracle["sameAsVanilla"]!["value"]!.GetValue<double>()); // it knows what vanilla wrote
            Assert.True(oracle["forwards"]!.GetValue<double>() <= vanilla["forwards"]!.GetValue<double>());
            Assert.Equal((100.0, 1.0), (vanilla["sameAsVanilla"]!["value"]!.GetValue<double>(), vanilla["ratio"]!.GetValue<double>()));
        }
        Assert.Equal(40, report["settings"]![1]!["rows"]![0]!["forwards"]!.GetValue<double>()); // never cut: one forward per mask
        Assert.Contains("### canvas 40, blocks of 8, context 64: 5 cases, speeds on 4 of them", console.Output.ToString());
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(folder.File("plot.png"))[..4]);

        // Killed in the middle of a line: everything before it stays as it was.
        int kept = measured.Length / 2;
        File.WriteAllText(Partial, string.Join('\n', measured[..kept]) + "\n" + measured[kept][..20]);
        Assert.Equal(0, Run("--methods", "threshold", "stable 0.9", "oracle"));
        string[] resumed = File.ReadAllLines(Partial);
        Assert.Equal(measured[..kept], resumed[..kept]);
        Assert.Equal(measured.Select(Written).Order(), resumed.Select(Written).Order());
        Assert.Contains($"{kept - 1} results are there already", console.Errors.ToString());
        Assert.Equal(2, JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!["sittings"]!.GetValue<int>());

        File.WriteAllText(folder.File("d.md"), $"# D\n\n{ResultDocument.Begin}\n{ResultDocument.End}\n");
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "decoding-document", "--json", folder.File("numbers.json"), "--document", folder.File("d.md")]));
        Assert.Contains("| vanilla, cache |", File.ReadAllText(folder.File("d.md")));

        (string begin, string end) = ResultDocument.Marks("again");
        string before = File.ReadAllText(folder.File("d.md"));
        File.AppendAllText(folder.File("d.md"), $"{begin}\n{end}\n");
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "decoding-document", "--json", folder.File("numbers.json"), "--document", folder.File("d.md"), "--part", "again"]));
        string after = File.ReadAllText(folder.File("d.md"));
        Assert.StartsWith(before + begin, after);
        Assert.Contains($"weights `{report["weights"]!.GetValue<string>()[..12]}…`", after[before.Length..]);
        Assert.Equal(1, after.Split("*forwards*: forward passes").Length - 1); // explained once
    }

    [Fact]
    public void Without_shards_there_is_a_quick_form_that_says_what_its_cases_are()
    {
        Assert.Equal(0, Terminal.Run(new RootCommand { BenchCommand.Create() },
            ["bench", "decoding", "--quick", "--model", folder.Path, "--device", "cpu", "--threads", "1", "--context", "96", "--canvas", "0", "--cases", "4", "--methods", "stable 0.9"]));
        Assert.Contains("4 held-out cases", console.Output.ToString());
        Assert.Contains("Quick cases", console.Output.ToString());
    }

    [Fact]
    public void Without_timed_cases_texts_and_forwards_are_counted_and_no_speed_is_claimed()
    {
        Assert.Equal(0, Run("--methods", "stable 0.9", "--timed", "0"));
        Assert.Contains("5 cases, speeds on 0 of them", console.Output.ToString());
        Assert.Matches(@"\| vanilla \| \d+\.\d \| \d+\.\d\d \| – \| – \| – \| 100\.0 \|", console.Output.ToString());
        Assert.DoesNotContain("With and without the cache", console.Output.ToString());
    }

    [Fact]
    public void A_sweep_turns_one_knob()
    {
        Assert.Equal(0, Run("--sweep", "threshold", "--plot", folder.File("plot.png")));
        JsonNode rows = JsonNode.Parse(File.ReadAllText(folder.File("numbers.json")))!["settings"]![1]!["rows"]!;
        double[] forwards = [.. rows.AsArray().Where(r => r!["family"]!.ToString() == "threshold").Select(r => r!["forwards"]!.GetValue<double>())];
        Assert.Equal(BenchSweeps.All[0].Points.Count, forwards.Length);
        Assert.Equal(forwards.Order(), forwards); // a higher threshold never needs fewer forwards with these cases
        Assert.True(new FileInfo(folder.File("plot.png")).Length > 5000);
    }

    [Theory]
    [InlineData("There is no language 'cobol'", "--languages", "cobol")]
    [InlineData("There is no method 'guess'", "--methods", "guess")]
    [InlineData("There is no sweep 'guess'", "--sweep", "guess")]
    [InlineData("exceed the model's 1024 positions", "--canvas", "1000")]
    [InlineData("--canvas is -1", "--canvas", "-1")]
    [InlineData("--cases is 0", "--cases", "0")]
    [InlineData("--block must be a whole number from 1 to 256, not '0'.", "--block", "0")]
    [InlineData("--timed must be", "--timed", "-1")]
    public void A_wrong_argument_is_one_sentence(string says, params string[] arguments)
    {
        Assert.Equal(1, Run(arguments));
        Assert.Contains(says, console.Errors.ToString().TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain(" at DiffusionLsp", console.Errors.ToString());
    }

    [Fact]
    public void Names_and_keys_are_unique()
    {
        BenchMethod[] all = [.. BenchMethods.All, .. BenchSweeps.All.SelectMany(s => s.Points.Select(p => p.Method))];
        Assert.Equal(all.Length, all.Select(m => m.Key).Distinct().Count());
        Assert.Equal(BenchMethods.All.Count, BenchMethods.All.Select(m => m.Options).Distinct().Count());
    }

    /// <summary>What a line says was written, without times.</summary>
    private static string Written(string line)
    {
        JsonObject record = JsonNode.Parse(line)!.AsObject();
        record.Remove("milliseconds");
        record.Remove("sitting");
        return record.ToJsonString();
    }

    private int Run(params string[] arguments) => Terminal.Run(new RootCommand { BenchCommand.Create() },
    [
        "bench", "decoding", "--model", folder.Path, "--shards", folder.Path, "--device", "cpu", "--threads", "1", "--json", folder.File("numbers.json"), "--context", "96", "--canvas-context", "64",
        .. arguments, .. Unless(arguments, "--languages", "csharp"), .. Unless(arguments, "--cases", "5"), .. Unless(arguments, "--canvas", "0", "40"), .. Unless(arguments, "--timed", "1"),
    ]);

    private static string[] Unless(string[] arguments, string name, params string[] values) => arguments.Contains(name) ? [] : [name, .. values];
}
