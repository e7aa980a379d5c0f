using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// One line of the <c>infill</c> format, read and written. The format is stable: every quality measurement depends on it. It
/// knows nothing of files or engines.
/// </summary>
/// <param name="Id">The id's JSON, unchanged: a string or a number.</param>
/// <param name="Related">Other files, most helpful first.</param>
internal sealed record InfillLine(JsonElement Id, InfillRequest Request, int? MaxTokens, IReadOnlyList<RelatedText> Related)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a line.</summary>
    /// <exception cref="InfillLineException">It is not a valid request; the message is one sentence.</exception>
    public static InfillLine Parse(ReadOnlyMemory<byte> line)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(line.Span);
        }
        catch (JsonException)
        {
            // JSON in UTF-8 contains no zero byte; in UTF-16 every second byte is one.
            throw new InfillLineException(null, line.Span.Contains((byte)0) ? "The line is not UTF-8 text; write the file as UTF-8." : "The line is not valid JSON.");
        }
        if (json.ValueKind != JsonValueKind.Object) throw new InfillLineException(null, "The line is not a JSON object.");
        JsonElement? id = json.TryGetProperty("id", out JsonElement given) && given.ValueKind is JsonValueKind.String or JsonValueKind.Number ? given : null;
        if (id is null) throw new InfillLineException(null, "\"id\" must be a string or a number.");
        try
        {
            return new InfillLine(id.Value, Hole(json), Tokens(json), RelatedTexts(json));
        }
        catch (InfillLineException e)
        {
            throw new InfillLineException(id, e.Message);
        }
    }

    public static byte[] Answer(JsonElement id, InfillResult result) => Write(json =>
    {
        WriteId(json, id);
        json.WriteString("completion", result.Completion);
        json.WriteString("stopReason", Word(result.StopReason));
        json.WriteNumber("forwards", result.Forwards);
        json.WriteNumber("tokens", result.Tokens);
        json.WriteNumber("confidence", Math.Round(result.Confidence.Whole, 4));
        json.WriteNumber("milliseconds", Math.Round(result.Timings.Total, 3));
    });

    public static byte[] Error(JsonElement? id, string message) => Write(json =>
    {
        WriteId(json, id);
        json.WriteString("error", message);
    });

    public static string Word(StopReason reason) => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());

    private static InfillRequest Hole(JsonElement json) => new()
    {
        Prefix = Text(json, "prefix") ?? throw new InfillLineException(null, "\"prefix\" is missing."),
        Suffix = Text(json, "suffix") ?? "",
        Language = Text(json, "language"),
        Path = Text(json, "path"),
        SingleLine = Flag(json, "singleLine"),
        UsesFimMiddle = true,
    };

    private static string? Text(JsonElement json, string name)
    {
        if (Find(json, name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String) throw new InfillLineException(null, $"\"{name}\" must be a string.");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new InfillLineException(null, $"\"{name}\" is not valid text: it contains half a surrogate pair, or bytes that are not UTF-8.");
        }
    }

    private static bool Flag(JsonElement json, string name) => Find(json, name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw new InfillLineException(null, $"\"{name}\" must be true or false."),
    };

    private static int? Tokens(JsonElement json)
    {
        if (Find(json, "maxTokens") is not { } value) return null;
        return DecodeKnobs.TokenLimit.Read(value) is int number ? number : throw new InfillLineException(null, $"\"maxTokens\" must be {DecodeKnobs.TokenLimit.Accepts}.");
    }

    private static RelatedText[] RelatedTexts(JsonElement json)
    {
        if (Find(json, "related") is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw new InfillLineException(null, "\"related\" must be an array of objects with \"path\" and \"text\".");
        return [.. value.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.Object && Text(item, "path") is { } path && Text(item, "text") is { } text
            ? new RelatedText(path, text)
            : throw new InfillLineException(null, "Every item of \"related\" must be an object with the strings \"path\" and \"text\"."))];
    }

    private static JsonElement? Find(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static void WriteId(Utf8JsonWriter json, JsonElement? id)
    {
        json.WritePropertyName("id");
        if (id is { } known) json.WriteRawValue(known.GetRawText());
        else json.WriteNullValue();
    }

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}

/// <summary>A line is not a valid request. The message is one sentence.</summary>
internal sealed class InfillLineException(JsonElement? id, string message) : Exception(message)
{
    /// <summary>The line's id, if it has a valid one.</summary>
    public JsonElement? Id { get; } = id;
}
