using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>llama.cpp's server: <c>/infill</c>, never its <c>/v1/completions</c>, which rejects the key <c>suffix</c>.</summary>
internal sealed class LlamaCppDialect : IRemoteDialect
{
    public string Name => "llama.cpp";

    public bool NeedsModel => false;

    public Uri Endpoint(RemoteAddress address) => address.At("infill");

    public JsonObject Write(RemoteHole hole)
    {
        var body = new JsonObject
        {
            ["input_prefix"] = hole.Prefix,
            ["input_suffix"] = hole.Suffix,
            // The server keeps this order, with the last one next to the file.
            ["input_extra"] = new JsonArray([.. hole.Related.Reverse().Select(text => new JsonObject { ["filename"] = text.Path, ["text"] = text.Text })]),
            ["prompt"] = "",
            ["n_predict"] = hole.Length,
            ["temperature"] = 0,
            ["cache_prompt"] = true,
            ["t_max_predict_ms"] = Math.Max(1, (int)hole.Budget.TotalMilliseconds),
            ["stream"] = true,
        };
        if (hole.SingleLine) body["stop"] = new JsonArray("\n");
        return body;
    }

    public RemotePiece Read(JsonElement answer)
    {
        JsonElement? whole = answer;
        return new RemotePiece(answer.Text("content") ?? "")
        {
            Stop = answer.Field("stop") is { ValueKind: JsonValueKind.True } ? AnswerFields.Stop(answer.Text("stop_type") ?? "eos") : null,
            Tokens = whole.Count("tokens_predicted"),
            PromptTokens = whole.Count("tokens_evaluated"),
            CachedTokens = whole.Count("tokens_cached"),
            Prompt = answer.Field("timings").Number("prompt_ms"),
        };
    }
}
