using System.Text;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>The picture in plain text and the JSON object of <c>complete</c>.</summary>
public class CompletePrinterTests
{
    private static readonly ModelSummary Model = new("nano", "/m", "dense", 30_000_000, 8192, "cpu", "asked for", "float32", 2);

    private static readonly InfillResult Decode = new()
    {
        Completion = "a + b;\nraw", StopReason = StopReason.EndOfLine, Forwards = 4, Tokens = 6, PromptTokens = 50, CachedPromptTokens = 0,
        Timings = new InfillTimings(0.25, 20, 30),
    };

    private static CompleteResult Result(string drawn, string? text)
    {
        using var fixture = new SessionFixture(new ScriptedEngine(""));
        CompletionOutcome outcome = text is null ? new Nothing(NothingReason.Blank, Decode) : new Suggestion(text, Decode);
        return new CompleteResult(new CursorArgument("a.ts", 2, 3), fixture.At(drawn) with { SingleLine = true }, outcome, Model);
    }

    private static string Plain(string drawn, string? text)
    {
        var output = new StringWriter { NewLine = "\n" };
        CompletePrinter.Plain(Result(drawn, text), output);
        return output.ToString();
    }

    [Fact]
    public void The_completion_stands_between_marks() => Assert.Equal(
        """
            2 | one
            3 | two
            4 | three
            5 | f(a, b) {
            6 |   return ├a + b;
            7 |   // x┤ // tail
            8 | }

        6 tokens in 4 forwards · tokenize 0.3 + prompt 20.0 + decode 30.0 = 50.3 ms · nano (30.0 M parameters, cpu, 2 threads)

        """.ReplaceLineEndings("\n"),
        Plain("zero\r\none\r\ntwo\r\nthree\r\nf(a, b) {\r\n  return ║ // tail\r\n}", "a + b;\n  // x"));

    [Fact]
    public void Nothing_shows_the_cursor_and_the_reason()
    {
        string picture = Plain("a║b", null);
        Assert.StartsWith("    1 | a├┤b\n", picture);
        Assert.Contains("no suggestion (Blank) · 6 tokens", picture);
    }

    [Fact]
    public void Json_has_every_figure()
    {
        using var output = new MemoryStream();
        CompletePrinter.Json(Result("a║b", "x"), output);
        Assert.Equal(
            """{"file":"a.ts","line":2,"column":3,"completion":"x","nothing":null,"singleLine":true,"confidence":1,"raw":"a + b;\nraw","stopReason":"endOfLine","forwards":4,"tokens":6,"promptTokens":50,"cachedPromptTokens":0,"tokenConfidence":[],"milliseconds":{"tokenize":0.25,"prompt":20,"decode":30,"total":50.25},"model":{"name":"nano","folder":"/m","parameters":30000000,"device":"cpu","dataType":"float32","threads":2}}""" + "\n",
            Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(output.ToArray()).ValueKind);
    }
}
