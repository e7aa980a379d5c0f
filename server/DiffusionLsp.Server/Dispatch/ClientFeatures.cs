using System.Text.Json;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>The few things about a client that change what the server does. Read once, from its capabilities.</summary>
internal sealed record ClientFeatures(bool InlineCompletion, bool WorkDoneProgress, bool Configuration)
{
    public static ClientFeatures None { get; } = new(false, false, false);

    /// <summary>Whether it takes <c>workspace/applyEdit</c>.</summary>
    public bool ApplyEdit { get; init; }

    /// <summary>Whether edits may name the version that they are for.</summary>
    public bool DocumentChanges { get; init; }

    /// <summary>Whether it knows code actions, or only commands in their place.</summary>
    public bool CodeActions { get; init; }

    public static ClientFeatures From(JsonElement? capabilities) => new(
        Find(capabilities, "textDocument", "inlineCompletion")?.ValueKind == JsonValueKind.Object,
        Find(capabilities, "window", "workDoneProgress")?.ValueKind == JsonValueKind.True,
        Find(capabilities, "workspace", "configuration")?.ValueKind == JsonValueKind.True)
    {
        ApplyEdit = Find(capabilities, "workspace", "applyEdit")?.ValueKind == JsonValueKind.True,
        DocumentChanges = Find(capabilities, "workspace", "workspaceEdit", "documentChanges")?.ValueKind == JsonValueKind.True,
        CodeActions = Find(capabilities, "textDocument", "codeAction", "codeActionLiteralSupport")?.ValueKind == JsonValueKind.Object,
    };

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
