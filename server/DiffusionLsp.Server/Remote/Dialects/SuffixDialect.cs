using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>
/// OpenAI's legacy completions with <c>suffix</c>, as in DeepSeek, and in SGLang with <c>--completion-template</c>. A suffix is always
/// sent, if only an empty one: SGLang inserts the word None for a missing one.
/// </summary>
internal sealed class SuffixDialect : IRemoteDialect
{
    public string Name => "suffix";

    public Uri Endpoint(RemoteAddress address) => address.AtVersioned("completions");

    public JsonObject Write(RemoteHole hole) => Body(hole.Prefix, hole.Suffix, hole, []);

    public RemotePiece Read(JsonElement answer) => Piece(answer, answer.Choice().Text("text"));

    /// <param name="suffix">Null: not sent, because some engines reject the key.</param>
    /// <param name="stops">Stop texts, besides the line break if a single line is wanted.</param>
    internal static JsonObject Body(string prompt, string? suffix, RemoteHole hole, IEnumerable<string> stops)
    {
        var body = new JsonObject { ["prompt"] = prompt };
        if (suffix is not null) body["suffix"] = suffix;
        body["model"] = hole.Model;
        body["max_tokens"] = hole.Length;
        body["temperature"] = 0;
        body["stream"] = true;
        JsonNode[] all = [.. (hole.SingleLine ? stops.Prepend("\n") : stops).Select(stop => (JsonNode)stop)];
        if (all.Length > 0) body["stop"] = new JsonArray(all);
        return body;
    }

    internal static RemotePiece Piece(JsonElement answer, string? text)
    {
        JsonElement? usage = answer.Field("usage");
        return new RemotePiece(text ?? "")
        {
            Stop = AnswerFields.Stop(answer.Choice().Text("finish_reason")),
            Tokens = usage.Count("completion_tokens"),
            PromptTokens = usage.Count("prompt_tokens"),
        };
    }
}
