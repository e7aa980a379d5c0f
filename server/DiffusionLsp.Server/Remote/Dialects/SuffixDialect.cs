using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>
/// OpenAI's legacy completions with <c>suffix</c>, as DeepSeek has them and SGLang with <c>--completion-template</c>. There is always a suffix, if an
/// empty one: SGLang writes the word None for one that is missing.
/// </summary>
internal sealed class SuffixDialect : IRemoteDialect
{
    public string Name => "suffix";

    public Uri Endpoint(RemoteAddress address) => address.AtVersioned("completions");

    public JsonObject Write(RemoteHole hole) => Body(hole.Prefix, hole.Suffix, hole, []);

    public RemotePiece Read(JsonElement answer) => Piece(answer, answer.Choice().Text("text"));

    /// <param name="suffix">Null: the engine takes none, and some fail at the very key.</param>
    /// <param name="stops">Texts that end the answer, beside the line's end where one line is wanted.</param>
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
