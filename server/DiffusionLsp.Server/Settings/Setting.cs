using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Settings;

/// <summary>One row of the settings table: its name, what it accepts, and how it is read into the record.</summary>
internal abstract class Setting(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>What the setting accepts, in words: "true or false", "a whole number from 0 to 2000".</summary>
    public abstract string Accepts { get; }

    /// <summary>What the setting accepts, as JSON Schema without default and description: for editors' settings pages.</summary>
    public abstract JsonObject Schema { get; }

    /// <summary>The value as JSON, for documentation and drift tests.</summary>
    public abstract string ValueOf(ServerSettings settings);

    /// <summary>The settings with this one read from JSON, or null when the value is not acceptable.</summary>
    public abstract ServerSettings? Read(JsonElement value, ServerSettings settings);
}

/// <summary>A switch.</summary>
internal sealed class BoolSetting(string name, string description, Func<ServerSettings, bool> get, Func<ServerSettings, bool, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => "true or false";

    public override JsonObject Schema => new() { ["type"] = "boolean" };

    public override string ValueOf(ServerSettings settings) => get(settings) ? "true" : "false";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? set(settings, value.GetBoolean()) : null;
}

/// <summary>A whole number in a range.</summary>
internal sealed class IntSetting(string name, int least, int most, string description, Func<ServerSettings, int> get, Func<ServerSettings, int, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => $"a whole number from {least} to {most}";

    public override JsonObject Schema => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    public override string ValueOf(ServerSettings settings) => $"{get(settings)}";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most ? set(settings, number) : null;
}

/// <summary>A number in a range.</summary>
internal sealed class NumberSetting(string name, double least, double most, string description, Func<ServerSettings, double> get, Func<ServerSettings, double, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => $"a number from {least} to {most}";

    public override JsonObject Schema => new() { ["type"] = "number", ["minimum"] = least, ["maximum"] = most };

    public override string ValueOf(ServerSettings settings) => $"{get(settings)}";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most ? set(settings, number) : null;
}

/// <summary>The path of a file or folder, in which <c>~</c> is the home folder.</summary>
internal sealed class PathSetting(string name, string description, Func<ServerSettings, string> get, Func<ServerSettings, string, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => "a text";

    public override JsonObject Schema => new() { ["type"] = "string" };

    public override string ValueOf(ServerSettings settings) => $"\"{JsonEncodedText.Encode(get(settings))}\"";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings) =>
        value.ValueKind == JsonValueKind.String ? set(settings, UserPath.Expand(value.GetString()!)) : null;

    /// <summary>The settings with this one's path beginning at a folder, if it is a relative one.</summary>
    public ServerSettings From(string folder, ServerSettings settings) => set(settings, UserPath.From(get(settings), folder));
}

/// <summary>One name out of a table that lives elsewhere.</summary>
internal sealed class NameSetting(string name, IReadOnlyList<string> names, string description, Func<ServerSettings, string> get, Func<ServerSettings, string, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => "one of " + string.Join(", ", names);

    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) };

    public override string ValueOf(ServerSettings settings) => $"\"{get(settings)}\"";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings) =>
        value.ValueKind == JsonValueKind.String && names.Contains(value.GetString()!) ? set(settings, value.GetString()!) : null;
}

/// <summary>One of a few words, each a member of <typeparamref name="T"/> in lower case.</summary>
internal sealed class ChoiceSetting<T>(string name, string description, Func<ServerSettings, T> get, Func<ServerSettings, T, ServerSettings> set) : Setting(name, description)
    where T : struct, Enum
{
    public override string Accepts => "one of " + string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()));

    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames<T>().Select(n => (JsonNode)n.ToLowerInvariant())]) };

    public override string ValueOf(ServerSettings settings) => $"\"{get(settings).ToString().ToLowerInvariant()}\"";

    public override ServerSettings? Read(JsonElement value, ServerSettings settings)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
        foreach (T choice in Enum.GetValues<T>())
            if (string.Equals(choice.ToString(), value.GetString(), StringComparison.OrdinalIgnoreCase)) return set(settings, choice);
        return null;
    }
}
