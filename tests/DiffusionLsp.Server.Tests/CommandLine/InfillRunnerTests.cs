using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Tests.Completion;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>The stable format of <c>infill</c>, byte for byte: answers, error lines, order.</summary>
public class InfillRunnerTests
{
    private readonly ScriptedEngine engine = new(request => request.Prefix == "boom" ? throw new EngineException("It broke; mend it.") : $"<{request.Prefix}>");

    private async Task<(string[] Lines, InfillRunner Runner)> RunAsync(byte[] input)
    {
        var runner = new InfillRunner(engine, new DecodeOptions { Length = 20 }, Logger.None);
        using var output = new MemoryStream();
        await runner.RunAsync(new MemoryStream(input), output, () => { }, CancellationToken.None);
        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.True(text.Length == 0 || text.EndsWith('\n'));
        return (text.Split('\n')[..^1], runner);
    }

    private async Task<string> AnswerAsync(string line) => Assert.Single((await RunAsync(Encoding.UTF8.GetBytes(line))).Lines);

    [Theory]
    [InlineData("""{"id":"a","prefix":"x","suffix":"y"}""", """{"id":"a","completion":"<x>","stopReason":"endOfText","forwards":3,"tokens":5,"confidence":1,"milliseconds":5.1}""")]
    [InlineData("""{"id":1.50,"prefix":"é🙂\n","suffix":""}""", """{"id":1.50,"completion":"<é\uD83D\uDE42\n>","stopReason":"endOfText","forwards":3,"tokens":5,"confidence":1,"milliseconds":5.1}""")]
    [InlineData("""{"id":"\u00e9\"","prefix":"","suffix":"","unknown":[1]}""", """{"id":"\u00e9\"","completion":"<>","stopReason":"endOfText","forwards":3,"tokens":5,"confidence":1,"milliseconds":5.1}""")]
    [InlineData("{\0\"\0", """{"id":null,"error":"The line is not UTF-8 text; write the file as UTF-8."}""")]
    [InlineData("not json", """{"id":null,"error":"The line is not valid JSON."}""")]
    [InlineData("[1]", """{"id":null,"error":"The line is not a JSON object."}""")]
    [InlineData("""{"prefix":"x","suffix":"y"}""", """{"id":null,"error":"\"id\" must be a string or a number."}""")]
    [InlineData("""{"id":true,"prefix":"x"}""", """{"id":null,"error":"\"id\" must be a string or a number."}""")]
    [InlineData("""{"id":7,"suffix":"y"}""", """{"id":7,"error":"\"prefix\" is missing."}""")]
    [InlineData("""{"id":7,"prefix":3}""", """{"id":7,"error":"\"prefix\" must be a string."}""")]
    [InlineData("""{"id":7,"prefix":"","suffix":["y"]}""", """{"id":7,"error":"\"suffix\" must be a string."}""")]
    [InlineData("""{"id":7,"prefix":"","maxTokens":0}""", """{"id":7,"error":"\"maxTokens\" must be a whole number from 1 to 4096."}""")]
    [InlineData("""{"id":7,"prefix":"","maxTokens":2.5}""", """{"id":7,"error":"\"maxTokens\" must be a whole number from 1 to 4096."}""")]
    [InlineData("""{"id":7,"prefix":"","singleLine":"no"}""", """{"id":7,"error":"\"singleLine\" must be true or false."}""")]
    [InlineData("""{"id":7,"prefix":"","related":{}}""", """{"id":7,"error":"\"related\" must be an array of objects with \"path\" and \"text\"."}""")]
    [InlineData("""{"id":7,"prefix":"","related":[{"path":"a"}]}""", """{"id":7,"error":"Every item of \"related\" must be an object with the strings \"path\" and \"text\"."}""")]
    [InlineData("""{"id":7,"prefix":"","related":["a"]}""", """{"id":7,"error":"Every item of \"related\" must be an object with the strings \"path\" and \"text\"."}""")]
    [InlineData("""{"id":7,"prefix":"","related":[{"path":"a","text":3}]}""", """{"id":7,"error":"\"text\" must be a string."}""")]
    [InlineData("""{"id":7,"prefix":"x","related":[]}""", """{"id":7,"completion":"<x>","stopReason":"endOfText","forwards":3,"tokens":5,"confidence":1,"milliseconds":5.1}""")]
    [InlineData("""{"id":7,"prefix":"\ud83d"}""", """{"id":7,"error":"\"prefix\" is not valid text: it contains half a surrogate pair, or bytes that are not UTF-8."}""")]
    [InlineData("""{"id":7,"prefix":"boom"}""", """{"id":7,"error":"It broke; mend it."}""")]
    public async Task One_line(string line, string expected) => Assert.Equal(expected, await AnswerAsync(line));

    [Fact]
    public async Task Everything_given_reaches_the_engine()
    {
        await AnswerAsync("""{"id":1,"prefix":"p","suffix":"s","language":"python","path":"a/b.py","maxTokens":9,"singleLine":true}""");
        Assert.Equal(new InfillRequest { Prefix = "p", Suffix = "s", Language = "python", Path = "a/b.py", SingleLine = true, UsesFimMiddle = true }, Assert.Single(engine.Requests));
        Assert.Equal(9, Assert.Single(engine.Options).Length);
    }

    [Fact]
    public async Task Related_texts_are_the_workspace_of_their_line_alone()
    {
        engine.Indexed = CodeTokenizer.Load(EmbeddedModel.FolderOr(null));
        await RunAsync(Encoding.UTF8.GetBytes("""
            {"id":1,"prefix":"p","related":[{"path":"a.cs","text":"int a;"},{"path":"b.cs","text":"int b;"}]}
            {"id":2,"prefix":"p"}
            """));
        Assert.Equal([2, null], engine.Requests.Select(request => request.Workspace?.Texts));
    }

    [Fact]
    public async Task The_run_goes_on_in_order_and_counts()
    {
        string[] lines = ["""{"id":1,"prefix":"a"}""", "", "rubbish", "  \r", """{"id":"two","prefix":"b"}""" + "\r"];
        (string[] answers, InfillRunner runner) = await RunAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        Assert.Equal(["{\"id\":1,", "{\"id\":null,", "{\"id\":\"two\","], answers.Select(a => a[..(a.IndexOf(',') + 1)]));
        Assert.Equal((3, 1), (runner.Lines, runner.Errors));
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_a_bad_line()
    {
        byte[] input = [.. "{\"id\":1,\"prefix\":\""u8, 0xC3, 0x28, .. "\"}\n{\"id\":2,\"prefix\":\"ok\"}"u8];
        (string[] answers, _) = await RunAsync(input);
        Assert.Contains("not UTF-8", answers[0]);
        Assert.StartsWith("""{"id":2,"completion":"<ok>""", answers[1]);
    }

    [Fact]
    public async Task A_mark_of_UTF8_refuses_no_line()
    {
        (string[] answers, InfillRunner runner) = await RunAsync(Encoding.UTF8.GetBytes("\uFEFF{\"id\":1,\"prefix\":\"a\"}\n"));
        Assert.StartsWith("""{"id":1,"completion":"<a>""", Assert.Single(answers));
        Assert.Equal(0, runner.Errors);
    }

    [Fact]
    public async Task Output_that_takes_nothing_more_ends_the_run_with_one_sentence()
    {
        var output = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        output.ClientSafePipeHandle.Dispose(); // the reader has gone
        var runner = new InfillRunner(engine, new DecodeOptions(), Logger.None);
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"id\":1,\"prefix\":\"a\"}\n", 100)));
        var failure = await Assert.ThrowsAsync<UserException>(() => runner.RunAsync(new MemoryStream(lines), output, () => { }, CancellationToken.None));
        Assert.Contains("0 lines were answered, the rest of the input was not.", failure.Message);
        Assert.Single(engine.Requests); // nobody would read the others' answers
    }

    [Fact]
    public async Task An_answer_is_out_before_the_next_line_is_in()
    {
        var input = new System.IO.Pipelines.Pipe();
        var output = new System.IO.Pipelines.Pipe();
        Task run = new InfillRunner(engine, new DecodeOptions(), Logger.None).RunAsync(input.Reader.AsStream(), output.Writer.AsStream(), () => { }, CancellationToken.None);
        using var answers = new StreamReader(output.Reader.AsStream());
        foreach (int id in new[] { 1, 2 })
        {
            await input.Writer.WriteAsync(Encoding.UTF8.GetBytes($"{{\"id\":{id},\"prefix\":\"\"}}\n"));
            Assert.StartsWith($"{{\"id\":{id},", await answers.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }
        await input.Writer.CompleteAsync();
        await run;
    }
}
