using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Server.Settings;

/// <summary>Patterns of files, in the syntax of <c>.gitignore</c>.</summary>
internal sealed record FileList(ImmutableArray<string> Patterns)
{
    public static FileList Empty { get; } = new(ImmutableArray<string>.Empty);
}

/// <summary>An array of patterns.</summary>
internal sealed class FileListKind : ValueKind<FileList>
{
    public override string Accepts => "an array of patterns";

    public override JsonObject Schema => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } };

    public override string Json(object value) => JsonSerializer.Serialize(((FileList)value).Patterns);

    protected override object? FromJson(JsonElement json) => json.ValueKind != JsonValueKind.Array || json.EnumerateArray().Any(pattern => pattern.ValueKind != JsonValueKind.String)
        ? null
        : new FileList([.. json.EnumerateArray().Select(pattern => pattern.GetString()!)]);
}
