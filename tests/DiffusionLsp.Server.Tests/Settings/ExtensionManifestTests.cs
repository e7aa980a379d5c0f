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
        JsonObject block = manifest["contributes"]!["configuration"]![0]!.AsObject();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            block["properties"] = Properties();
            manifest["capabilities"]!["untrustedWorkspaces"]!["restrictedConfigurations"] = new JsonArray([.. Paths(manifest).Select(name => (JsonNode)name)]);
            File.WriteAllText(ManifestPath(), manifest.ToJsonString(Format) + "\n");
        }
        else Assert.Equal(Properties().ToJsonString(Format), block["properties"]!.ToJsonString(Format));
    }

    [Fact]
    public void The_settings_that_name_programs_and_files_are_out_of_reach_of_an_untrusted_folder()
    {
        JsonObject manifest = Manifest();
        IEnumerable<string> restricted = manifest["capabilities"]!["untrustedWorkspaces"]!["restrictedConfigurations"]!.AsArray().Select(name => (string)name!);
        Assert.Equal(Paths(manifest), restricted);
    }

    [Fact]
    public void The_extension_has_the_version_of_the_server() => Assert.Equal(ServerVersion.Text, (string?)Manifest()["version"]);

    /// <summary>Texts are paths: they belong to the machine, and no folder that somebody opens may set them.</summary>
    private static JsonObject Properties()
    {
        var defaults = new ServerSettings();
        var properties = new JsonObject();
        foreach (Setting setting in ServerSettings.All)
        {
            JsonObject schema = setting.Schema;
            schema["default"] = JsonNode.Parse(setting.ValueOf(defaults));
            schema["scope"] = setting is TextSetting ? "machine" : "window";
            schema["description"] = setting.Description;
            properties[$"{ServerSettings.Section}.{setting.Name}"] = schema;
        }
        return properties;
    }

    private static IEnumerable<string> Paths(JsonObject manifest) =>
        from block in manifest["contributes"]!["configuration"]!.AsArray()
        from property in block!["properties"]!.AsObject()
        where (string?)property.Value!["scope"] == "machine"
        select property.Key;

    private static JsonObject Manifest() => JsonNode.Parse(File.ReadAllText(ManifestPath()))!.AsObject();

    private static string ManifestPath([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "client-vscode", "package.json"));
}
