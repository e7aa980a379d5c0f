using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>Reads fields of arbitrary answers: missing fields and those of another type are null.</summary>
internal static class AnswerFields
{
    public static JsonElement? Field(this JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    public static JsonElement? Field(this JsonElement? json, string name) => json?.Field(name);

    public static string? Text(this JsonElement json, string name) => json.Field(name)?.Text();

    public static string? Text(this JsonElement? json, string name) => json?.Text(name);

    /// <summary>The value of a string; null: not a string, or with half of a surrogate pair.</summary>
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

    /// <summary>The first choice of an OpenAI-like answer.</summary>
    public static JsonElement? Choice(this JsonElement json) =>
        json.Field("choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0 ? choices[0] : null;

    /// <summary>Why the text ended: all engines use the word "length"; any other word means that it is complete.</summary>
    public static StopReason? Stop(string? word) => word switch
    {
        null => null,
        "length" or "limit" => StopReason.Length,
        _ => StopReason.EndOfText,
    };
}
