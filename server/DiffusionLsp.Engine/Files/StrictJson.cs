using System.Text.Json;

namespace DiffusionLsp.Engine.Files;

/// <summary>Parses JSON in which no object has the same property twice.</summary>
/// <remarks>.NET's own check (<c>AllowDuplicateProperties</c>) takes random numbers from OpenSSL on Linux, and without OpenSSL the process ends.</remarks>
public static class StrictJson
{
    /// <summary>Parses a text. The caller disposes the document.</summary>
    /// <exception cref="JsonException">It is not valid JSON, or an object has the same property twice.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        JsonDocument document = JsonDocument.Parse(json);
        try
        {
            Check(document.RootElement);
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    private static void Check(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
            foreach (JsonElement item in element.EnumerateArray()) Check(item);
        if (element.ValueKind != JsonValueKind.Object) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (NameOf(property) is { } name && !seen.Add(name)) throw new JsonException($"Duplicate property '{name}'.");
            Check(property.Value);
        }
    }

    /// <summary>Null: not valid Unicode, which the reader of the property reports.</summary>
    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
