using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// LSP's <c>uinteger</c> as clients write it: <c>1</c>, <c>1.0</c>, <c>1e0</c>. Larger numbers become the largest int; all of them are
/// places beyond the end.
/// </summary>
internal sealed class Count : JsonConverter<int>
{
    /// <summary>The number; null: it is negative, has a fraction, or is not a number.</summary>
    public static int? Of(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Number) return null;
        if (json.TryGetInt32(out int whole)) return whole < 0 ? null : whole;
        return json.TryGetDouble(out double number) && number >= 0 && Math.Floor(number) == number ? (int)Math.Min(number, int.MaxValue) : null;
    }

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Of(JsonElement.ParseValue(ref reader)) ?? throw new JsonException("a non-negative integer is expected");

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>A document's version in whatever form a client sends it. Anything other than an integer becomes null: the text matters, not its version.</summary>
internal sealed class DocumentVersion : JsonConverter<long?>
{
    private const double Largest = 1L << 53; // larger numbers are not exact in every JSON implementation

    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonElement json = JsonElement.ParseValue(ref reader);
        if (json.ValueKind != JsonValueKind.Number) return null;
        if (json.TryGetInt64(out long whole)) return whole;
        return json.TryGetDouble(out double number) && Math.Floor(number) == number && Math.Abs(number) <= Largest ? (long)number : null;
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } version) writer.WriteNumberValue(version);
        else writer.WriteNullValue();
    }
}
