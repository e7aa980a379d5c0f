using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests;

/// <summary>A cursor before or inside a line's indentation: the suggestion adds the rest of the indentation, and is otherwise the same as after it.</summary>
[Trait("tier", "slow")]
public sealed class CutWhiteSpaceTests : IDisposable
{
    private const string Body = "public static class Totals\n{\n    public static int Sum(List<int> values)\n    {\n        int sum = 0;\n";

    private readonly InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = 1 });

    public void Dispose() => engine.Dispose();

    private async Task<string> Complete(string prefix, string suffix = "\n        return sum;\n    }\n}\n", string decoder = "auto", bool singleLine = true) =>
        (await engine.InfillAsync(new InfillRequest { Prefix = prefix, Suffix = suffix, Path = "src/Totals.cs", SingleLine = singleLine }, new DecodeOptions { Decoder = decoder, Length = 32 }, CancellationToken.None)).Completion;

    public static TheoryData<string, string, string> Cuts()
    {
        var data = new TheoryData<string, string, string>();
        string Tabs(string text) => text.Replace("    ", "\t");
        string Windows(string text) => text.Replace("\n", "\r\n");
        foreach (string cut in new[] { "", " ", "    ", "       " }) data.Add(Body, "        ", cut);
        foreach (string cut in new[] { "", "\t" }) data.Add(Tabs(Body), "\t\t", cut);
        foreach (string cut in new[] { "", "    " }) data.Add(Windows(Body), "        ", cut);
        data.Add(Body + "\n", "        ", ""); // behind an empty line
        data.Add(Body + "        foreach (int value in values)\n        {\n", "            ", "        "); // an opened block
        return data;
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task The_suggestion_brings_the_rest_of_the_indentation(string before, string whole, string cut)
    {
        string behind = await Complete(before + whole);
        Assert.NotEmpty(behind.Trim());
        Assert.Equal(whole[cut.Length..] + behind, await Complete(before + cut));
    }

    [Theory, InlineData("threshold"), InlineData("vanilla"), InlineData("anchored"), InlineData("apd"), InlineData("autoregressive")]
    public async Task So_it_is_with_every_decoder(string decoder) =>
        Assert.Equal("        " + await Complete(Body + "        ", decoder: decoder), await Complete(Body, decoder: decoder));

    [Fact]
    public async Task So_it_is_with_several_lines() =>
        Assert.Equal("        " + await Complete(Body + "        ", singleLine: false), await Complete(Body, singleLine: false));

    [Theory]
    [InlineData("using System;\nusing System.Collections.Generic;\n", "")]
    [InlineData("import os\nimport sys\n\n\n", "")]
    [InlineData("public class A\n{\n    public int First { get; set; }\n\n    public int Second { get; set; }\n\n", "    ")] // between members
    public async Task None_is_invented(string prefix, string indent)
    {
        string text = await Complete(prefix, suffix: "");
        Assert.Equal(indent, text[..^text.TrimStart(' ', '\t').Length]);
    }

    [Fact]
    public async Task Progress_sees_it_as_well()
    {
        var seen = new List<string>();
        var request = new InfillRequest { Prefix = Body, Suffix = "\n        return sum;\n", SingleLine = true, Progress = text => { seen.Add(text); return false; } };
        InfillResult result = await engine.InfillAsync(request, new DecodeOptions { Length = 32 }, CancellationToken.None);
        Assert.Equal(result.Completion, seen[^1]);
        Assert.All(seen.Where(text => text.Length > 0), text => Assert.StartsWith("        ", text));
    }
}
