using System.Text.Json;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>The few things about a client that change what the server does. Read once, from its capabilities.</summary>
/// <param name="ConfigurationChanges">Whether the client must be asked before it tells of changed settings.</param>
internal sealed record ClientFeatures(bool InlineCompletion, bool WorkDoneProgress, bool Configuration, bool ConfigurationChanges, PositionEncoding Encoding)
{
    public static ClientFeatures None { get; } = new(false, false, false, false, PositionEncoding.Utf16);

    /// <summary>Whether it takes <c>workspace/applyEdit</c>.</summary>
    public bool ApplyEdit { get; init; }

    /// <summary>Whether edits may name the version that they are for.</summary>
    public bool DocumentChanges { get; init; }

    /// <summary>Whether it knows code actions, or only commands in their place.</summary>
    public bool CodeActions { get; init; }

    public static ClientFeatures From(JsonElement? capabilities) => new(
        Find(capabilities, "textDocument", "inlineCompletion")?.ValueKind == JsonValueKind.Object,
        Find(capabilities, "window", "workDoneProgress")?.ValueKind == JsonValueKind.True,
        Find(capabilities, "workspace", "configuration")?.ValueKind == JsonValueKind.True,
        Find(capabilities, "workspace", "didChangeConfiguration", "dynamicRegistration")?.ValueKind == JsonValueKind.True,
        EncodingOf(Find(capabilities, "general", "positionEncodings")))
    {
        ApplyEdit = Find(capabilities, "workspace", "applyEdit")?.ValueKind == JsonValueKind.True,
        DocumentChanges = Find(capabilities, "workspace", "workspaceEdit", "documentChanges")?.ValueKind == JsonValueKind.True,
        CodeActions = Find(capabilities, "textDocument", "codeAction", "codeActionLiteralSupport")?.ValueKind == JsonValueKind.Object,
    };

    /// <summary>UTF-16 costs nothing here and every client must know it; only one that leaves it out gets the first other that is known.</summary>
    private static PositionEncoding EncodingOf(JsonElement? offered)
    {
        if (offered is not { ValueKind: JsonValueKind.Array } list) return PositionEncoding.Utf16;
        PositionEncoding[] known = [.. list.EnumerateArray()
            .Select(name => name.ValueKind == JsonValueKind.String ? ColumnUnits.Named(name.GetString()) : null).OfType<PositionEncoding>()];
        return known.Length == 0 || known.Contains(PositionEncoding.Utf16) ? PositionEncoding.Utf16 : known[0];
    }

    private static JsonElement? Find(JsonElement? element, params string[] path)
    {
        foreach (string name in path)
        {
            if (element is not { ValueKind: JsonValueKind.Object } parent || !parent.TryGetProperty(name, out JsonElement child)) return null;
            element = child;
        }
        return element;
    }
}
