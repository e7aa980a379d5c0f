using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary><c>textDocument/didOpen</c>.</summary>
internal sealed record DidOpenParams(TextDocumentItem TextDocument);

/// <summary>A document with its content.</summary>
/// <param name="LanguageId">Stays JSON, like the text, so that a document that cannot be read is still registered as unreadable.</param>
internal sealed record TextDocumentItem(
    string Uri, JsonElement LanguageId = default, [property: JsonConverter(typeof(DocumentVersion))] long? Version = null, JsonElement Text = default);

/// <summary><c>textDocument/didChange</c>.</summary>
/// <param name="ContentChanges">Stays JSON, so that one edit that cannot be read does not discard the others unnoticed; see <see cref="ContentChange"/>.</param>
internal sealed record DidChangeParams(VersionedTextDocumentIdentifier TextDocument, JsonElement ContentChanges = default);

/// <summary>A document at a version.</summary>
internal sealed record VersionedTextDocumentIdentifier(string Uri, [property: JsonConverter(typeof(DocumentVersion))] long? Version = null);

/// <summary>An edit; without a range, the whole new text.</summary>
internal readonly record struct ContentChange(string Text, Range? Range)
{
    /// <summary>The edits in order; a null entry could not be read. A single null: the changes are not an array.</summary>
    public static IReadOnlyList<ContentChange?> Read(JsonElement changes) =>
        changes.ValueKind == JsonValueKind.Array ? [.. changes.EnumerateArray().Select(One)] : [null];

    private static ContentChange? One(JsonElement json)
    {
        try
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("text", out JsonElement text) || text.ValueKind != JsonValueKind.String) return null;
            if (!json.TryGetProperty("range", out JsonElement range) || range.ValueKind == JsonValueKind.Null) return new ContentChange(JsonText.Read(text), null);
            return Place(range, "start") is { } start && Place(range, "end") is { } end ? new ContentChange(JsonText.Read(text), new Range(start, end)) : null;
        }
        catch (InvalidOperationException)
        {
            return null; // a property's name is not valid text
        }
    }

    private static Position? Place(JsonElement range, string end) =>
        range.ValueKind == JsonValueKind.Object && range.TryGetProperty(end, out JsonElement place) && place.ValueKind == JsonValueKind.Object
        && place.TryGetProperty("line", out JsonElement line) && place.TryGetProperty("character", out JsonElement character)
        && Count.Of(line) is { } row && Count.Of(character) is { } column ? new Position(row, column) : null;
}

/// <summary><c>textDocument/didClose</c>.</summary>
internal sealed record DidCloseParams(TextDocumentIdentifier TextDocument);
