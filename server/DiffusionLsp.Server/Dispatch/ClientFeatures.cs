using System.Text.Json;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>The client's capabilities that change what the server does. Read once.</summary>
/// <param name="ConfigurationChanges">Whether the client reports changed settings only after a registration.</param>
internal sealed record ClientFeatures(bool InlineCompletion, bool WorkDoneProgress, bool Configuration, bool ConfigurationChanges, PositionEncoding Encoding)
{
    public static ClientFeatures None { get; } = new(false, false, false, false, PositionEncoding.Utf16);

    /// <summary>Whether it supports <c>workspace/applyEdit</c>.</summary>
    public bool ApplyEdit { get; init; }

    /// <summary>Whether edits may name the version that they apply to.</summary>
    public bool DocumentChanges { get; init; }

    /// <summary>Whether it supports code actions; false: only commands in their place.</summary>
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

    /// <summary>UTF-16, the mandatory encoding, needs no conversion; another one is chosen only if the client does not offer it.</summary>
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
