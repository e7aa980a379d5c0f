using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>Reads fields out of answers that may be anything: what is missing or of another type is null.</summary>
internal static class AnswerFields
{
    public static JsonElement? Field(this JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    public static JsonElement? Field(this JsonElement? json, string name) => json?.Field(name);

    public static string? Text(this JsonElement json, string name) => json.Field(name)?.Text();

    public static string? Text(this JsonElement? json, string name) => json?.Text(name);

    /// <summary>Text that is half of a surrogate pair is none.</summary>
    public static string? Text(this JsonElement json)
    {
        try
        {
            return json.ValueKind is JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static double? Number(this JsonElement json, string name) =>
        json.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    public static double? Number(this JsonElement? json, string name) => json?.Number(name);

    /// <summary>A count, 0 to 10⁹.</summary>
    public static int? Count(this JsonElement? json, string name) => json.Number(name) is { } number and >= 0 and <= 1e9 ? (int)number : null;

    /// <summary>The first of the choices of an OpenAI-like answer.</summary>
    public static JsonElement? Choice(this JsonElement json) =>
        json.Field("choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0 ? choices[0] : null;

    /// <summary>Words for why text ended: "length" is common to all engines; any other ends it too.</summary>
    public static StopReason? Stop(string? word) => word switch
    {
        null => null,
        "length" or "limit" => StopReason.Length,
        _ => StopReason.EndOfText,
    };
}
