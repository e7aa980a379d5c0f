using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>Ollama's <c>/api/generate</c>. Models whose template has no suffix answer 400.</summary>
internal sealed class OllamaDialect : IRemoteDialect
{
    public string Name => "ollama";

    public bool StreamsLines => true;

    public Uri Endpoint(RemoteAddress address) => address.At("api/generate");

    public JsonObject Write(RemoteHole hole)
    {
        var options = new JsonObject { ["num_predict"] = hole.Length, ["temperature"] = 0 };
        if (hole.SingleLine) options["stop"] = new JsonArray("\n");
        return new JsonObject { ["prompt"] = hole.Prefix, ["suffix"] = hole.Suffix, ["model"] = hole.Model, ["stream"] = true, ["options"] = options };
    }

    public RemotePiece Read(JsonElement answer)
    {
        JsonElement? whole = answer;
        return new RemotePiece(answer.Text("response") ?? "")
        {
            Stop = answer.Field("done") is { ValueKind: JsonValueKind.True } ? AnswerFields.Stop(answer.Text("done_reason") ?? "stop") : null,
            Tokens = whole.Count("eval_count"),
            PromptTokens = whole.Count("prompt_eval_count"),
            Prompt = answer.Number("prompt_eval_duration") / 1e6,
        };
    }
}
