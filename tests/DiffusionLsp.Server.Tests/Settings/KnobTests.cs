using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Settings;

/// <summary>Every decoding knob reaches the engine from settings and from the command line, and invalid values are rejected with the same words.</summary>
public sealed class KnobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> All => [.. DecodeKnobs.All.Select(knob => knob.Name)];

    public static TheoryData<string> OfSettings => [.. DecodeKnobs.All.Where(knob => knob.IsSetting).Select(knob => knob.Name)];

    [Theory, MemberData(nameof(OfSettings))]
    public async Task A_setting_reaches_the_engine(string name)
    {
        Knob knob = Named(name);
        var problems = new List<string>();
        using var engine = new ScriptedEngine("x");
        using var fixture = new SessionFixture(engine);
        fixture.Settings = SettingsReader.Read(JsonElement.Parse($$"""{"diffusionLsp":{"{{name}}":{{knob.Kind.Json(Other(knob))}} } }"""), fixture.Settings, problems);
        await fixture.TextAsync("let a = ║");
        Assert.Empty(problems);
        Assert.Equal(new DecodeOptions { Length = fixture.Settings.MaxTokensSingleLine }.With(knob, Other(knob)), Assert.Single(engine.Options));
    }

    [Theory, MemberData(nameof(All))]
    public void An_option_reaches_complete_trace_and_infill(string name)
    {
        Knob knob = Named(name);
        folder.Write("a.py", "x = \n");
        string place = Path.Combine(folder.Path, "a.py") + ":1:5";
        string[] given = [knob.Option, knob.Kind.Json(Other(knob)).Trim('"')];

        var cursorVerb = new Command("complete");
        CursorOptions cursor = new CursorOptions().AddTo(cursorVerb);
        Assert.Equal(Other(knob), cursor.Read(cursorVerb.Parse([place, .. given])).Request.Decode!.Get(knob));
        var lineVerb = new Command("infill");
        DecoderOptions decoder = new DecoderOptions().AddTo(lineVerb);
        Assert.Equal(new DecodeOptions().With(knob, Other(knob)), decoder.Decode(lineVerb.Parse(given), new DecodeOptions()));
        Assert.Equal(new DecodeOptions { Length = 12 }, decoder.Decode(lineVerb.Parse([]), new DecodeOptions { Length = 12 }));

        Assert.All([CompleteVerb.Create(), TraceVerb.Create(), InfillVerb.Create()], verb => Assert.Contains(verb.Options, option => option.Name == knob.Option && option.Description == knob.Description));
    }

    [Theory]
    [InlineData("factor", "17", "must be a number from 0 to 16, not ")]
    [InlineData("entropyBound", "-1", "must be a number from 0 to 16, not ")]
    [InlineData("tokensPerStep", "0", "must be a whole number from 1 to 256, not ")]
    [InlineData("stableSteps", "65", "must be a whole number from 1 to 64, not ")]
    [InlineData("endOfTextFloor", "1.5", "must be a number from 0 to 1, not ")]
    [InlineData("ngramCache", "7", "must be true or false, not ")]
    [InlineData("apdMode", "7", "must be one of coupled, greedy, not ")]
    public void A_bad_value_is_refused_in_the_same_words_everywhere(string name, string value, string words)
    {
        var problems = new List<string>();
        Knob knob = Named(name);
        Assert.Equal(new ServerSettings(), SettingsReader.Read(JsonElement.Parse($$"""{"{{name}}":{{value}}}"""), new ServerSettings(), problems));
        Assert.Equal($"The setting diffusionLsp.{name} {words}{value}; {knob.Kind.Json(knob.Default)} is used instead.", Assert.Single(problems));
        foreach (Command verb in new[] { CompleteVerb.Create(), TraceVerb.Create(), InfillVerb.Create() })
            Assert.Contains($"{knob.Option} {words}'{value}'", verb.Parse([knob.Option, value]).Errors.Select(error => error.Message));
    }

    [Fact]
    public void A_deprecated_option_is_read()
    {
        Knob knob = Named("ngramCache");
        Assert.Equal("--file-memory", knob.FormerOption);
        var verb = new Command("infill");
        DecoderOptions decoder = new DecoderOptions().AddTo(verb);
        Assert.Equal(new DecodeOptions().With(knob, false), decoder.Decode(verb.Parse(["--file-memory", "false"]), new DecodeOptions()));
    }

    private static Knob Named(string name) => DecodeKnobs.All.Single(knob => knob.Name == name);

    /// <summary>A value that is not the default.</summary>
    private static object Other(Knob knob)
    {
        JsonObject schema = knob.Kind.Schema;
        IEnumerable<string> texts = schema["enum"] is JsonArray names ? names.Select(n => (string)n!) : ["0.25", "3", "false", "/elsewhere/f.json"];
        return texts.Select(knob.Kind.Read).First(value => value is not null && !value.Equals(knob.Default))!;
    }
}
