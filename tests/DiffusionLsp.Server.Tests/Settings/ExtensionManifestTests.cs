using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Settings;

/// <summary>The first block of settings in client-vscode/package.json is the settings table. <c>UPDATE_GOLDEN=1</c> writes it anew.</summary>
public class ExtensionManifestTests
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void The_settings_of_the_extension_are_those_of_the_server()
    {
        JsonObject manifest = Manifest();
        JsonObject trust = manifest["capabilities"]!["untrustedWorkspaces"]!.AsObject();
        JsonObject block = manifest["contributes"]!["configuration"]![0]!.AsObject();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            block["properties"] = Properties();
            trust["restrictedConfigurations"] = new JsonArray([.. Paths(manifest).Select(name => (JsonNode)name)]);
            File.WriteAllText(ManifestPath(), manifest.ToJsonString(Format) + "\n");
            return;
        }
        string expected = Properties().ToJsonString(Format);
        Assert.True(expected == block["properties"]!.ToJsonString(Format), $"The settings in client-vscode/package.json are not the table's; with UPDATE_GOLDEN=1 this test writes them. They should be:\n{expected}");
        Assert.Equal(Paths(manifest), trust["restrictedConfigurations"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public void The_extension_has_the_version_of_the_server() => Assert.Equal(ServerVersion.Text, (string?)Manifest()["version"]);

    private static JsonObject Properties()
    {
        var defaults = new ServerSettings();
        var properties = new JsonObject();
        foreach (Setting setting in ServerSettings.All)
        {
            JsonObject schema = setting.Kind.Schema;
            schema["default"] = JsonNode.Parse(setting.ValueOf(defaults));
            schema["scope"] = setting.IsMachine ? "machine" : "window";
            schema["description"] = setting.Description;
            properties[$"{ServerSettings.Section}.{setting.Name}"] = schema;
            if (setting.FormerName is { } former) properties[$"{ServerSettings.Section}.{former}"] = Deprecated(setting, (string)schema["scope"]!);
        }
        return properties;
    }

    /// <summary>A former name. Its default is null, which says nothing: VS Code sends the default of every setting to the server.</summary>
    private static JsonObject Deprecated(Setting setting, string scope)
    {
        JsonObject schema = setting.Kind.Schema;
        schema["type"] = new JsonArray((string)schema["type"]!, "null");
        schema["default"] = null;
        schema["scope"] = scope;
        schema["deprecationMessage"] = $"Use {ServerSettings.Section}.{setting.Name} instead.";
        return schema;
    }

    /// <summary>The settings that name programs and files: a folder that is not trusted must not choose those.</summary>
    private static IEnumerable<string> Paths(JsonObject manifest) =>
        from block in manifest["contributes"]!["configuration"]!.AsArray()
        from property in block!["properties"]!.AsObject()
        where (string?)property.Value!["scope"] == "machine"
        select property.Key;

    private static JsonObject Manifest() => JsonNode.Parse(File.ReadAllText(ManifestPath()))!.AsObject();

    private static string ManifestPath([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "client-vscode", "package.json"));
}
