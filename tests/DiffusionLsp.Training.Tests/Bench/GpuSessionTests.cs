using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Bench;
using DiffusionLsp.Training.Bench.Gpu;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary>The session on a GPU machine, here on a CPU: a part that fails or hangs does not end it, and what it wrote can be read. The whole is run by tests/release.</summary>
[Collection("console")]
public sealed class GpuSessionTests : IDisposable
{
    private static readonly PythonLibtorch Packaged = new(null, "packaged");
    private readonly TemporaryFolder folder = new();
    private readonly CapturedConsole console = new();

    public void Dispose()
    {
        console.Dispose();
        folder.Dispose();
    }

    [Fact]
    [Trait("tier", "slow")]
    public void Parts_run_print_a_line_each_and_leave_a_record()
    {
        Assert.Equal(1, Run("--output", folder.File("out"), "--device", "cpu", "--quick", "--parts", "scores", "step", "decoding", "--shards", Shards(), "--commit", "abc"));
        string[] lines = File.ReadAllLines(folder.File("out/session.jsonl"));
        JsonNode head = JsonNode.Parse(lines[0])!, scores = JsonNode.Parse(lines[1])!, decoding = JsonNode.Parse(lines[3])!;
        Assert.Equal(("abc", 64), (head["commit"]!.GetValue<string>(), head["weights"]!.GetValue<string>().Length));
        Assert.Equal(4, lines.Length);
        Assert.Equal((true, "small"), (scores["ok"]!.GetValue<bool>(), scores["numbers"]!["shapes"]![0]!["name"]!.GetValue<string>()));
        // These shards hold no cases of this tokenizer: the part fails, and says why in its line.
        Assert.False(decoding["ok"]!.GetValue<bool>());
        Assert.Contains("exit code 1: ", decoding["line"]!.GetValue<string>());
        string[] printed = console.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["scores", "step", "decoding"], printed.Select(line => line.Split(' ')[0]));
        Assert.Contains("FAILED: exit code 1", printed[2]);
        Assert.Contains(printed[0].TrimEnd(), File.ReadAllText(folder.File("out/session.txt")));
    }

    [Fact]
    public void A_part_that_hangs_is_stopped()
    {
        PartResult result = SessionRunner.Run(Shell("echo begun; sleep 60", "echo begun& ping -n 60 127.0.0.1 >nul", limit: 1), Packaged);
        Assert.Equal((false, "stopped after 1 s", "begun\n"), (result.Ok, result.Line, result.Text));
        Assert.InRange(result.Seconds, 0.9, 30);
    }

    [Fact]
    public void A_program_that_is_not_there_and_numbers_that_are_not_there_are_failures()
    {
        Assert.False(SessionRunner.Run(new SessionPart("no", folder.File("no-such-program"), [], 5, null, SessionLines.Last), Packaged).Ok);
        PartResult silent = SessionRunner.Run(Shell("true", "exit 0") with { Numbers = folder.File("none.json"), Line = SessionLines.Forward }, Packaged);
        Assert.Equal((false, "It wrote no numbers."), (silent.Ok, silent.Line));
    }

    [Fact]
    public void The_reason_of_a_failure_is_the_last_thing_that_was_said() =>
        Assert.Equal("exit code 3: steps: slow", SessionRunner.Run(Shell("echo steps: slow; exit 3", "echo steps: slow& exit 3"), Packaged).Line);

    [Fact]
    public void A_libtorch_reaches_the_parts() =>
        Assert.Equal("here", SessionRunner.Run(Shell("echo $DIFFUSION_LSP_LIBTORCH", "echo %DIFFUSION_LSP_LIBTORCH%"), new PythonLibtorch("here", "named")).Line);

    [Fact]
    public void Lines_are_made_of_recorded_numbers()
    {
        const string Forward = """{"device":"cuda","gigabytesPerSecond":4000,"nanosecondsPerLaunch":5200,"shapes":[{"name":"dream-7b","bytesRead":14000000000,"error":0.014,"agreement":0.958,"rows":[{"rows":1,"p50":7},{"rows":128,"p50":10.5}]}]}""";
        Assert.Equal("4,000 GB/s, 5,200 ns per launch; dream-7b: 1 row 7.00 ms (2.0 × floor), 128 rows 10.50 ms (3.0 × floor)", SessionLines.Forward("", Forward));
        Assert.Equal("dream-7b on cuda: largest error 0.0140 of the largest score, same best token in 95.8 % of rows", SessionLines.Scores("", Forward));
        Assert.Equal("64 clients: 42.0 completions/s, 6.0 times 1; 0 texts differ", SessionLines.Batch("", """{"different":0,"rows":[{"clients":1,"perSecond":7},{"clients":64,"perSecond":42}]}"""));
        Assert.Equal("canvas 1024: draft 80.5 × vanilla's tokens/s, 0 of 6 texts differ with the cache", SessionLines.Decoding("",
            """{"settings":[{"setting":"canvas 1024, blocks of 8","cacheDiffers":0,"cacheChecked":6,"rows":[{"language":"all","kind":"Measured","method":"draft","ratio":80.5},{"language":"all","kind":"Control","method":"fixed","ratio":"NaN"},{"language":"all","kind":"Bound","method":"oracle","ratio":99}]}]}"""));
        Assert.Equal("600,000 clean tokens/s at 102,400 per step, 60 steps", SessionLines.Train("""
            {"step":20,"tokensPerSecond":200000}
            {"step":40,"tokensPerSecond":600000}
            {"step":60,"tokensPerSecond":610000}
            """, 102_400));
    }

    [Fact]
    public void An_unknown_part_is_refused() => Assert.NotEqual(0, Run("--output", folder.File("out"), "--parts", "juggle"));

    /// <summary>Empty shards of another tokenizer: there are files, and no case in them.</summary>
    private string Shards()
    {
        foreach (string language in Training.Corpus.Languages.All)
            Training.Corpus.TokenShardWriter.Write(folder.File("shards"), $"{language}.eval", [], 8192, "another tokenizer");
        return folder.File("shards");
    }

    private static SessionPart Shell(string posix, string windows, int limit = 30) => OperatingSystem.IsWindows()
        ? new("shell", "cmd", ["/c", windows], limit, null, SessionLines.Last)
        : new("shell", "sh", ["-c", posix], limit, null, SessionLines.Last);

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { BenchCommand.Create() }, ["bench", "gpu", .. arguments]);
}
