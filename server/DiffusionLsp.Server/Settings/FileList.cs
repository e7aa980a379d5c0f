using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Settings;

/// <summary>Files by patterns, in the syntax of <c>.gitignore</c>.</summary>
internal sealed record FileList(ImmutableArray<string> Patterns)
{
    public static FileList Empty { get; } = new(ImmutableArray<string>.Empty);
}

/// <summary>The row that reads a <see cref="FileList"/>.</summary>
internal sealed class FileListSetting(string name, string description, Func<ServerSettings, FileList> get, Func<ServerSettings, FileList, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => "an array of patterns";

    public override JsonObject Schema => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } };

    public override string ValueOf(ServerSettings settings) => JsonSerializer.Serialize(get(settings).Patterns);

    public override ServerSettings? Read(JsonElement value, ServerSettings settings)
    {
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(pattern => pattern.ValueKind != JsonValueKind.String)) return null;
        return set(settings, new FileList([.. value.EnumerateArray().Select(pattern => pattern.GetString()!)]));
    }
}
