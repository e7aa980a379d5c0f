using System.Text.Json;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>The few things about a client that change what the server does. Read once, from its capabilities.</summary>
internal sealed record ClientFeatures(bool InlineCompletion, bool WorkDoneProgress, bool Configuration)
{
    public static ClientFeatures None { get; } = new(false, false, false);

    public static ClientFeatures From(JsonElement? capabilities) => new(
        Find(capabilities, "textDocument", "inlineCompletion")?.ValueKind == JsonValueKind.Object,
        Find(capabilities, "window", "workDoneProgress")?.ValueKind == JsonValueKind.True,
        Find(capabilities, "workspace", "configuration")?.ValueKind == JsonValueKind.True);

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
