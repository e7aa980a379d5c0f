using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Remote.Dialects;
using DiffusionLsp.Server.Serve;
using DiffusionLsp.Server.Serve.Dialects;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>The requests to each kind of engine, and how its answers are read. No socket.</summary>
public sealed class RemoteDialectTests
{
    private static readonly RemoteHole Hole = new()
    {
        Model = "m", Prefix = "def f():\n    ", Suffix = "\n\nprint(1)\n", Path = "a.py", Language = "python", Related = [new RelatedText("b.py", "B"), new RelatedText("c.py", "C")],
        RelatedTokens = 9, SingleLine = true, Length = 7, Budget = TimeSpan.FromMilliseconds(800),
    };

    [Theory]
    [InlineData("diffusion-lsp", """{"prompt":"def f():\n    ","suffix":"\n\nprint(1)\n","model":"m","max_tokens":7,"stream":false,"diffusion":{"path":"a.py","language":"python","related":["B","C"],"related_paths":["b.py","c.py"],"related_tokens":9,"single_line":true,"finds_end":false,"budget_ms":800,"raw":true}}""")]
    [InlineData("llama.cpp", """{"input_prefix":"def f():\n    ","input_suffix":"\n\nprint(1)\n","input_extra":[{"filename":"c.py","text":"C"},{"filename":"b.py","text":"B"}],"prompt":"","n_predict":7,"temperature":0,"cache_prompt":true,"t_max_predict_ms":800,"stream":true,"stop":["\n"]}""")]
    [InlineData("ollama", """{"prompt":"def f():\n    ","suffix":"\n\nprint(1)\n","model":"m","stream":true,"options":{"num_predict":7,"temperature":0,"stop":["\n"]}}""")]
    [InlineData("mistral", """{"prompt":"def f():\n    ","suffix":"\n\nprint(1)\n","model":"m","max_tokens":7,"temperature":0,"stream":true,"stop":["\n"]}""")]
    [InlineData("suffix", """{"prompt":"def f():\n    ","suffix":"\n\nprint(1)\n","model":"m","max_tokens":7,"temperature":0,"stream":true,"stop":["\n"]}""")]
    public void A_hole_is_put_as_the_engine_expects_it(string kind, string expected) =>
        Assert.Equal(expected, RemoteKinds.All.Single(d => d.Name == kind).Write(Hole).ToJsonString());

    [Theory]
    [InlineData("qwen", "<|file_sep|>b.py\nB\n<|file_sep|>c.py\nC\n<|file_sep|>a.py\n<|fim_prefix|>def f():\n    <|fim_suffix|>\n\nprint(1)\n<|fim_middle|>", 4)]
    [InlineData("seed", "<[fim-suffix]>\n\nprint(1)\n<[fim-prefix]><filename>b.py\nB\n<filename>c.py\nC\n<filename>a.py\ndef f():\n    <[fim-middle]>", 2)]
    [InlineData("codellama", "<PRE> def f():\n     <SUF>\n\nprint(1)\n <MID>", 2)]
    public void Marks_are_written_without_any_suffix(string family, string prompt, int stops)
    {
        JsonElement body = JsonElement.Parse(new TemplateDialect(FimMarks.All.Single(m => m.Family == family)).Write(Hole).ToJsonString());
        Assert.Equal(prompt, body.GetProperty("prompt").GetString());
        Assert.False(body.TryGetProperty("suffix", out _)); // vLLM answers 400 to any
        Assert.Equal(stops, body.GetProperty("stop").GetArrayLength());
        Assert.All(FimMarks.All, marks => Assert.InRange(marks.Stops.Count, 1, 3));
    }

    public static TheoryData<string> Families => [.. FimMarks.All.Select(row => row.Family)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Texts_that_hold_marks_are_cut_and_then_always_written(string family)
    {
        FimMarks row = FimMarks.All.Single(r => r.Family == family);
        string[] marks = [row.Prefix, row.Suffix, row.Middle, "x = 1", "\n", "def f():\n"];
        var random = new Random(7);
        string Text() => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => marks[random.Next(marks.Length)]));
        for (int i = 0; i < 500; i++)
        {
            RemoteHole hole = Hole with { Prefix = Text(), Suffix = Text(), Related = [new RelatedText("b.py", Text())] };
            string prompt = new TemplateDialect(row).Write(hole)["prompt"]!.GetValue<string>();
            MarkedHole read = FimMarks.Read(prompt)!;
            Assert.EndsWith(read.Prefix, hole.Prefix);
            Assert.StartsWith(read.Suffix, hole.Suffix);
        }
    }

    [Theory]
    [InlineData("llama.cpp", """{"content":"ab","stop":false}""", "ab", null, null)]
    [InlineData("llama.cpp", """{"content":"","stop":true,"stop_type":"limit","tokens_predicted":7,"tokens_evaluated":30,"tokens_cached":20,"timings":{"prompt_ms":1.5}}""", "", StopReason.Length, 7)]
    [InlineData("ollama", """{"model":"m","response":"ab","done":false}""", "ab", null, null)]
    [InlineData("ollama", """{"model":"m","response":"","done":true,"done_reason":"stop","eval_count":7,"prompt_eval_duration":1500000}""", "", StopReason.EndOfText, 7)]
    [InlineData("mistral", """{"choices":[{"index":0,"delta":{"content":"ab"},"finish_reason":null}]}""", "ab", null, null)]
    [InlineData("mistral", """{"choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"length"}],"usage":{"completion_tokens":7}}""", "ab", StopReason.Length, 7)]
    [InlineData("mistral", """{"choices":[{"text":"ab","finish_reason":"stop"}]}""", "ab", StopReason.EndOfText, null)] // Inception, same path
    [InlineData("suffix", """{"choices":[{"text":"ab","finish_reason":null}]}""", "ab", null, null)]
    [InlineData("suffix", """{"choices":[],"usage":{"completion_tokens":7}}""", "", null, 7)]
    [InlineData("diffusion-lsp", """{"choices":[{"text":"ab","finish_reason":"stop"}],"usage":{"completion_tokens":7},"diffusion":{"stop_reason":"EndOfLine","forwards":3}}""", "ab", StopReason.EndOfLine, 7)]
    [InlineData("suffix", """{"choices":"none","usage":[1]}""", "", null, null)]
    [InlineData("llama.cpp", """{"content":5,"stop":"yes","tokens_predicted":-1}""", "", null, null)]
    [InlineData("ollama", """{"response":"\ud83d","eval_count":1e99}""", "", null, null)]
    public void Answers_are_read_whatever_they_hold(string kind, string json, string text, StopReason? stop, int? tokens)
    {
        RemotePiece piece = RemoteKinds.All.Single(d => d.Name == kind).Read(JsonElement.Parse(json));
        Assert.Equal((text, stop, tokens), (piece.Text, piece.Stop, piece.Tokens));
    }

    [Theory]
    [InlineData("""[{"end":1,"probability":0.9},{"end":3,"probability":0.5}]""", 0.5)]
    [InlineData("""[{"end":1,"probability":0.5},{"end":3,"probability":0.9}]""", null)] // it must not rise
    [InlineData("""[{"end":3,"probability":0.9},{"end":1,"probability":0.5}]""", null)]
    [InlineData("""[{"end":1,"probability":2}]""", null)]
    [InlineData("""[{"end":1}]""", null)]
    [InlineData("5", null)]
    public void Confidence_is_taken_only_when_it_is_a_curve(string curve, double? whole)
    {
        string json = """{"choices":[{"text":"abc"}],"diffusion":{"confidence":CURVE,"thresholds":{"eager":0.1,"balanced":0.2,"quiet":0.3}}}""".Replace("CURVE", curve);
        Assert.Equal(whole, RemoteKinds.All[0].Read(JsonElement.Parse(json)).Confidence?.Whole);
    }

    [Fact]
    public void Our_own_server_reads_what_is_written_for_it()
    {
        ServeRequest read = new OpenAiDialect().Read(new RequestFields(JsonElement.Parse(new DiffusionDialect().Write(Hole with { FindsEnd = true }).ToJsonString())));
        Assert.Equal((Hole.Prefix, Hole.Suffix, Hole.Path, Hole.Language, 7, 9), (read.Prefix, read.Suffix, read.Path, read.Language, read.Length, read.RelatedTokens));
        Assert.Equal(Hole.Related, read.Related);
        Assert.Equal((true, true, true, false, Hole.Budget), (read.SingleLine, read.FindsEnd, read.Raw, read.Stream, read.Budget));
    }
}
