using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>Yes or no.</summary>
public sealed class SwitchKind : ValueKind<bool>
{
    public override string Accepts => "true or false";

    public override string Placeholder => "true|false";

    public override JsonObject Schema => new() { ["type"] = "boolean" };

    protected override object? FromJson(JsonElement json) => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null;

    protected override object? FromText(string text) => text switch
    {
        "true" or "on" => true,
        "false" or "off" => false,
        _ => null,
    };
}

/// <summary>A whole number in a range, both ends included.</summary>
public sealed class IntKind(int least, int most) : ValueKind<int>
{
    public override string Accepts => $"a whole number from {least} to {most}";

    public override string Placeholder => "N";

    public override JsonObject Schema => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    protected override bool Allows(int value) => value >= least && value <= most;

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out int number) ? number : null;

    protected override object? FromText(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}

/// <summary>A number in a range, both ends included.</summary>
public sealed class NumberKind(double least, double most) : ValueKind<double>
{
    public override string Accepts => FormattableString.Invariant($"a number from {least} to {most}");

    public override string Placeholder => "X";

    public override JsonObject Schema => new() { ["type"] = "number", ["minimum"] = least, ["maximum"] = most };

    protected override bool Allows(double value) => value >= least && value <= most;

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out double number) ? number : null;

    protected override object? FromText(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}

/// <summary>One name out of a table that lives elsewhere.</summary>
public sealed class NameKind(params IReadOnlyList<string> names) : ValueKind<string>
{
    public override string Accepts => "one of " + string.Join(", ", names);

    public override string Placeholder => string.Join('|', names);

    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) };

    protected override bool Allows(string value) => names.Contains(value);

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString() : null;

    protected override object? FromText(string text) => text;
}

/// <summary>One of a few words, each a member of <typeparamref name="T"/> in lower case.</summary>
public sealed class EnumKind<T> : ValueKind<T> where T : struct, Enum
{
    private static readonly string[] Words = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];

    public override string Accepts => "one of " + string.Join(", ", Words);

    public override string Placeholder => string.Join('|', Words);

    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. Words.Select(w => (JsonNode)w)]) };

    public override string Json(object value) => $"\"{value.ToString()!.ToLowerInvariant()}\"";

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!) : null;

    protected override object? FromText(string text)
    {
        int index = Array.FindIndex(Words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : Enum.GetValues<T>()[index];
    }
}

/// <summary>Any text; empty: none.</summary>
public sealed class TextKind : ValueKind<string>
{
    public override string Accepts => "a text";

    public override string Placeholder => "TEXT";

    public override JsonObject Schema => new() { ["type"] = "string" };

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()!.Trim() : null;

    protected override object? FromText(string text) => text.Trim();
}

/// <summary>The path of a file or folder, in which <c>~</c> is the home folder; empty: none.</summary>
/// <param name="placeholder">FILE or DIR.</param>
public sealed class PathKind(string placeholder) : ValueKind<string>
{
    public override string Accepts => "a text";

    public override string Placeholder => placeholder;

    public override JsonObject Schema => new() { ["type"] = "string" };

    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!) : null;

    protected override object? FromText(string text) => UserPath.Expand(text);
}
