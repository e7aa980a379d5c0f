using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>The verb <c>evaluate</c> from arguments to files, with a model of noise.</summary>
[Collection("console")]
[Trait("tier", "slow")]
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TextWriter formerError = Console.Error;
    private readonly StringWriter error = new();

    public EvaluateCommandTests()
    {
        Console.SetError(error);
        TinyModelFolder.Write(folder.Path, HeldOut.Write(folder.Path));
    }

    public void Dispose()
    {
        Console.SetError(formerError);
        folder.Dispose();
    }

    [Fact]
    public void Writes_table_rows_and_completions_and_the_same_ones_again()
    {
        string[] Evaluate(int workers)
        {
            Assert.Equal(0, Run("--languages", "csharp", "--cases", "4", "--decoder", "anchored", "--threshold", "0.02", "--workers", $"{workers}", "--output", folder.File("table.md"), "--json", folder.File("rows.json"), "--completions", folder.File("lines.jsonl")));
            return File.ReadAllLines(folder.File("lines.jsonl"));
        }
        string[] lines = Evaluate(2);
        Assert.Equal(4 * 6, lines.Length);
        Assert.All(lines, line => Assert.Equal(["as served", "network alone", "autoregressive", "n-gram of the file"], JsonNode.Parse(line)!["completions"]!.AsObject().Select(c => c.Key)));
        Assert.Equal(2 + 24, File.ReadAllLines(folder.File("table.md")).Count(l => l.StartsWith('|')));
        Assert.Contains("decoder anchored, threshold 0.02, blocks of 8", File.ReadAllText(folder.File("table.md")));
        JsonNode report = JsonNode.Parse(File.ReadAllText(folder.File("rows.json")))!;
        Assert.Equal(24, report["rows"]!.AsArray().Count);
        Assert.All(report["rows"]!.AsArray(), row => Assert.Equal(4, row!["cases"]!.GetValue<int>()));
        JsonNode autoregressive = report["rows"]!.AsArray().First(row => row!["method"]!.ToString() == "autoregressive")!;
        Assert.InRange(autoregressive["tokensPerForward"]!.GetValue<double>(), 0.5, 1); // one forward per token, and one for the end

        Assert.Equal(lines, Evaluate(3));
    }

    [Fact]
    public void Refilling_has_its_own_tasks_and_no_control_that_is_told_where_a_hole_ends()
    {
        Assert.Equal(0, Run("--refill", "--languages", "csharp", "--cases", "2", "--workers", "1", "--output", folder.File("table.md"), "--completions", folder.File("lines.jsonl")));
        JsonNode[] lines = [.. File.ReadAllLines(folder.File("lines.jsonl")).Select(l => JsonNode.Parse(l)!)];
        Assert.Equal(["inside a line", "inside a line", "whole line", "whole line", "block", "block"], lines.Select(l => l["task"]!.ToString()));
        Assert.All(lines, line => Assert.Equal(["as served", "network alone"], line["completions"]!.AsObject().Select(c => c.Key)));
        Assert.Contains("refilling", File.ReadAllText(folder.File("table.md")));
    }

    [Fact]
    public void Without_shards_there_is_a_quick_form_that_says_what_its_cases_are()
    {
        Assert.Equal(0, Terminal.Run(new RootCommand { EvaluateCommand.Create() },
            ["evaluate", "--model", folder.Path, "--device", "cpu", "--quick", "--refill", "--languages", "python", "--workers", "1", "--output", folder.File("table.md"), "--completions", folder.File("lines.jsonl")]));
        Assert.Equal(3 * 3, File.ReadAllLines(folder.File("lines.jsonl")).Length);
        Assert.Contains("Quick cases", File.ReadAllText(folder.File("table.md")));
    }

    [Theory]
    [InlineData("There is no language 'cobol'", "--languages", "cobol")]
    [InlineData("--cases is 0", "--cases", "0")]
    [InlineData("--workers is 0", "--workers", "0")]
    [InlineData("--decoder must be one of vanilla", "--decoder", "guess")]
    [InlineData("--threshold must be a number from 0 to 1, not '1.5'.", "--threshold", "1.5")]
    [InlineData("--factor must be a number from 0 to 16, not '17'.", "--factor", "17")]
    [InlineData("typescript.eval", "--languages", "typescript")]
    public void A_wrong_argument_is_one_sentence(string says, params string[] arguments)
    {
        Assert.Equal(1, Run(arguments));
        Assert.Contains(says, error.ToString().TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain(" at DiffusionLsp", error.ToString());
    }

    [Fact]
    public void Shards_of_another_tokenizer_are_refused()
    {
        string tokenizer = folder.File("tokenizer.json"), text = File.ReadAllText(tokenizer);
        File.WriteAllText(tokenizer, text + "\n"); // the same tokens, another file
        Assert.Equal(1, Run("--languages", "csharp"));
        Assert.Contains("another tokenizer", error.ToString());
    }

    private int Run(params string[] arguments) =>
        Terminal.Run(new RootCommand { EvaluateCommand.Create() }, ["evaluate", "--model", folder.Path, "--shards", folder.Path, "--device", "cpu", .. arguments]);
}
