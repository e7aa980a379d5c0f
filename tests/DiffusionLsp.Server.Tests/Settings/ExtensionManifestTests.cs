using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Settings;

/// <summary>All blocks of settings in client-vscode/package.json except the last are generated from the settings table. <c>UPDATE_GOLDEN=1</c> rewrites them.</summary>
public class ExtensionManifestTests
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void The_settings_of_the_extension_are_those_of_the_server()
    {
        JsonObject manifest = Manifest();
        JsonObject trust = manifest["capabilities"]!["untrustedWorkspaces"]!.AsObject();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            JsonNode programs = manifest["contributes"]!["configuration"]!.AsArray()[^1]!.DeepClone();
            programs["order"] = SettingGroups.All.Count;
            manifest["contributes"]!["configuration"] = new JsonArray([.. Blocks(), programs]);
            trust["restrictedConfigurations"] = new JsonArray([.. Paths(manifest).Select(name => (JsonNode)name)]);
            File.WriteAllText(ManifestPath(), manifest.ToJsonString(Format) + "\n");
            return;
        }
        string expected = new JsonArray([.. Blocks()]).ToJsonString(Format), found = new JsonArray([.. manifest["contributes"]!["configuration"]!.AsArray().SkipLast(1).Select(block => block!.DeepClone())]).ToJsonString(Format);
        Assert.True(expected == found, $"The settings in client-vscode/package.json are not the table's; with UPDATE_GOLDEN=1 this test writes them. They should be:\n{expected}");
        Assert.Equal(Paths(manifest), trust["restrictedConfigurations"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public void Every_setting_stands_in_one_group() =>
        Assert.Equal(ServerSettings.All.Select(setting => setting.Name).Order(), SettingGroups.All.SelectMany(group => group.Settings).Select(setting => setting.Name).Order());

    [Fact]
    public void The_extension_has_the_version_of_the_server() => Assert.Equal(ServerVersion.Text, (string?)Manifest()["version"]);

    /// <summary>One block per group, in the page's order, which would otherwise be alphabetical.</summary>
    private static IEnumerable<JsonNode> Blocks() =>
        SettingGroups.All.Select((group, order) => new JsonObject { ["title"] = group.Title, ["order"] = order, ["properties"] = Properties(group.Settings) });

    private static JsonObject Properties(IReadOnlyList<Setting> settings)
    {
        var defaults = new ServerSettings();
        var properties = new JsonObject();
        foreach ((int order, Setting setting) in settings.Index())
        {
            JsonObject schema = setting.Kind.Schema;
            schema["default"] = JsonNode.Parse(setting.ValueOf(defaults));
            schema["scope"] = setting.IsMachine ? "machine" : "window";
            schema["order"] = order;
            schema["markdownDescription"] = Linked(setting.Description);
            properties[$"{ServerSettings.Section}.{setting.Name}"] = schema;
            if (setting.FormerName is { } former) properties[$"{ServerSettings.Section}.{former}"] = Deprecated(setting, (string)schema["scope"]!);
        }
        return properties;
    }

    /// <summary>The description, in which other settings are links with their full names.</summary>
    private static string Linked(string description) => ServerSettings.All.Aggregate(description, (text, setting) => text.Replace($"`{setting.Name}`", $"`#{ServerSettings.Section}.{setting.Name}#`"));

    /// <summary>A former name. Its default is null, which has no effect: VS Code sends the default of every setting to the server.</summary>
    private static JsonObject Deprecated(Setting setting, string scope)
    {
        JsonObject schema = setting.Kind.Schema;
        schema["type"] = new JsonArray((string)schema["type"]!, "null");
        schema["default"] = null;
        schema["scope"] = scope;
        schema["deprecationMessage"] = $"Use {ServerSettings.Section}.{setting.Name} instead.";
        return schema;
    }

    /// <summary>The settings that name programs and files, which an untrusted folder must not set.</summary>
    private static IEnumerable<string> Paths(JsonObject manifest) =>
        from block in manifest["contributes"]!["configuration"]!.AsArray()
        from property in block!["properties"]!.AsObject()
        where (string?)property.Value!["scope"] == "machine"
        select property.Key;

    private static JsonObject Manifest() => JsonNode.Parse(File.ReadAllText(ManifestPath()))!.AsObject();

    private static string ManifestPath([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "client-vscode", "package.json"));
}
