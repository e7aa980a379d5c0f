using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>A switch: true or false.</summary>
public sealed class SwitchKind : ValueKind<bool>
{
    /// <inheritdoc/>
    public override string Accepts => "true or false";

    /// <inheritdoc/>
    public override string Placeholder => "true|false";

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "boolean" };

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => text switch
    {
        "true" or "on" => true,
        "false" or "off" => false,
        _ => null,
    };
}

/// <summary>A whole number in an inclusive range.</summary>
public sealed class IntKind(int least, int most) : ValueKind<int>
{
    /// <inheritdoc/>
    public override string Accepts => $"a whole number from {least} to {most}";

    /// <inheritdoc/>
    public override string Placeholder => "N";

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    /// <inheritdoc/>
    protected override bool Allows(int value) => value >= least && value <= most;

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out int number) ? number : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;
}

/// <summary>A number in an inclusive range.</summary>
public sealed class NumberKind(double least, double most) : ValueKind<double>
{
    /// <inheritdoc/>
    public override string Accepts => FormattableString.Invariant($"a number from {least} to {most}");

    /// <inheritdoc/>
    public override string Placeholder => "X";

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "number", ["minimum"] = least, ["maximum"] = most };

    /// <inheritdoc/>
    protected override bool Allows(double value) => value >= least && value <= most;

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out double number) ? number : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}

/// <summary>One of the names in a table declared elsewhere.</summary>
public sealed class NameKind(params IReadOnlyList<string> names) : ValueKind<string>
{
    /// <inheritdoc/>
    public override string Accepts => "one of " + string.Join(", ", names);

    /// <inheritdoc/>
    public override string Placeholder => string.Join('|', names);

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) };

    /// <inheritdoc/>
    protected override bool Allows(string value) => names.Contains(value);

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString() : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => text;
}

/// <summary>One of a few words: the members of <typeparamref name="T"/> in lower case.</summary>
public sealed class EnumKind<T> : ValueKind<T> where T : struct, Enum
{
    private static readonly string[] Words = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];

    /// <inheritdoc/>
    public override string Accepts => "one of " + string.Join(", ", Words);

    /// <inheritdoc/>
    public override string Placeholder => string.Join('|', Words);

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string", ["enum"] = new JsonArray([.. Words.Select(w => (JsonNode)w)]) };

    /// <inheritdoc/>
    public override string Json(object value) => $"\"{value.ToString()!.ToLowerInvariant()}\"";

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!) : null;

    /// <inheritdoc/>
    protected override object? FromText(string text)
    {
        int index = Array.FindIndex(Words, word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : Enum.GetValues<T>()[index];
    }
}

/// <summary>Any text; empty: none.</summary>
public sealed class TextKind : ValueKind<string>
{
    /// <inheritdoc/>
    public override string Accepts => "a string";

    /// <inheritdoc/>
    public override string Placeholder => "TEXT";

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string" };

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()!.Trim() : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => text.Trim();
}

/// <summary>Path of a file or folder, in which <c>~</c> is the home folder; empty: none.</summary>
/// <param name="placeholder">FILE or DIR.</param>
public sealed class PathKind(string placeholder) : ValueKind<string>
{
    /// <inheritdoc/>
    public override string Accepts => "a string";

    /// <inheritdoc/>
    public override string Placeholder => placeholder;

    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string" };

    /// <inheritdoc/>
    protected override object? FromJson(JsonElement json) => json.ValueKind == JsonValueKind.String ? FromText(json.GetString()!) : null;

    /// <inheritdoc/>
    protected override object? FromText(string text) => UserPath.Expand(text);
}
