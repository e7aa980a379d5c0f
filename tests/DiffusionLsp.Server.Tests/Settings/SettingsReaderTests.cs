using System.Text.Json;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Settings;

/// <summary>The settings table, and how the JSON that editors send is read.</summary>
public class SettingsReaderTests
{
    private readonly List<string> problems = [];

    private static Knob Named(string name) => DecodeKnobs.All.Single(knob => knob.Name == name);

    private ServerSettings Read(string json) => SettingsReader.Read(JsonElement.Parse(json), new ServerSettings(), problems);

    [Fact]
    public void Every_property_and_every_knob_has_one_row_and_the_row_reads_its_own_default()
    {
        var properties = typeof(ServerSettings).GetProperties().Where(p => p.GetMethod!.IsStatic == false && p.Name is not ("EqualityContract" or nameof(ServerSettings.Decode) or nameof(ServerSettings.Remote)));
        IEnumerable<string> names = [.. properties.Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]), .. typeof(RemoteOptions).GetProperties().Where(p => p.CanWrite).Select(p => "remote" + p.Name), .. DecodeKnobs.All.Where(knob => knob.IsSetting).Select(knob => knob.Name)];
        Assert.Equal(names.Order(), ServerSettings.All.Select(s => s.Name).Order());
        var defaults = new ServerSettings();
        Assert.All(ServerSettings.All, setting =>
        {
            object? read = setting.Kind.Read(JsonElement.Parse(setting.ValueOf(defaults)));
            Assert.NotNull(read);
            Assert.Equal(setting.ValueOf(defaults), setting.ValueOf(setting.Set(defaults, read)));
            Assert.EndsWith(".", setting.Description);
        });
    }

    [Theory]
    [InlineData("""{"diffusionLsp":{"debounceMs":5,"trigger":"manual","threshold":0.5,"plainCompletion":"always"}}""")]
    [InlineData("""{"debounceMs":5,"trigger":"manual","threshold":0.5,"plainCompletion":"always","othersSetting":1}""")]
    public void Values_are_read_with_and_without_the_section(string json)
    {
        Assert.Equal(new ServerSettings { DebounceMs = 5, Trigger = TriggerMode.Manual, Decode = new DecodeOptions().With(Named("threshold"), 0.5), PlainCompletion = Tristate.Always }, Read(json));
        Assert.Empty(problems);
    }

    [Fact]
    public void Paths_may_begin_with_a_tilde()
    {
        ServerSettings read = Read("""{"modelPath":"~/a","libtorchPath":"~","filterPath":"~/f.json","verifierPath":"~user/v"}""");
        Assert.Equal((Path.Combine(UserPath.Home, "a"), UserPath.Home, (object)Path.Combine(UserPath.Home, "f.json"), "~user/v"),
            (read.ModelPath, Path.TrimEndingDirectorySeparator(read.LibtorchPath), read.Decode.Get(Named("filterPath")), read.VerifierPath));
    }

    [Fact]
    public void Relative_paths_begin_at_the_folder_those_of_knobs_too()
    {
        ServerSettings read = SettingsReader.From(Path.GetTempPath(), Read("""{"verifierPath":"v","filterPath":"f.json"}"""));
        Assert.Equal((Path.Combine(Path.GetTempPath(), "v"), (object)Path.Combine(Path.GetTempPath(), "f.json"), ""), (read.VerifierPath, read.Decode.Get(Named("filterPath")), read.ModelPath));
    }

    [Fact]
    public void Languages_are_a_map()
    {
        LanguageSwitches languages = Read("""{"languages":{"*":false,"python":true}}""").Languages;
        Assert.True(languages.IsOn("python"));
        Assert.False(languages.IsOn("csharp"));
    }

    [Theory]
    [InlineData("""{"debounceMs":-1}""", "debounceMs must be a whole number from 0 to 2000, not -1; 75 is used")]
    [InlineData("""{"debounceMs":1.5}""", "debounceMs must be a whole number")]
    [InlineData("""{"enabled":"yes"}""", "enabled must be true or false")]
    [InlineData("""{"trigger":"often"}""", "trigger must be one of auto, manual")]
    [InlineData("""{"trigger":1}""", "trigger must be one of auto, manual")]
    [InlineData("""{"decoder":"nope"}""", "decoder must be one of vanilla")]
    [InlineData("""{"languages":{"a":1}}""", "languages must be an object of language identifiers with true or false, not {\"a\":1}; {\"*\":true,\"markdown\":false,\"plaintext\":false} is used")]
    [InlineData("""{"diffusionLsp":{"delay":1}}""", "There is no setting diffusionLsp.delay")]
    public void What_is_not_acceptable_is_said_and_the_rest_is_read(string json, string said)
    {
        ServerSettings settings = Read(json);
        Assert.Contains(said, Assert.Single(problems));
        Assert.Equal(new ServerSettings(), settings);
    }

    [Fact]
    public void A_former_name_is_read_over_the_default_of_the_new_one_and_reported()
    {
        ServerSettings read = Read("""{"diffusionLsp":{"speculation":false,"prefetch":true,"fileMemory":false,"ngramCache":true}}""");
        Assert.Equal((false, false), (read.Prefetch, read.Decode.NgramCache));
        Assert.Equal(
            ["speculation is deprecated and overrides its new name, diffusionLsp.prefetch", "fileMemory is deprecated and overrides its new name, diffusionLsp.ngramCache"],
            problems.Select(problem => problem["The setting diffusionLsp.".Length..problem.IndexOf(';')]));
        Assert.Equal(new ServerSettings(), SettingsReader.Read(JsonElement.Parse("""{"speculation":null,"fileMemory":null}"""), new ServerSettings(), problems));
        Assert.Equal(2, problems.Count);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("""{"debounceMs":null}""")]
    public void What_says_nothing_changes_nothing(string json)
    {
        Assert.Equal(new ServerSettings(), Read(json));
        Assert.Empty(problems);
    }
}
