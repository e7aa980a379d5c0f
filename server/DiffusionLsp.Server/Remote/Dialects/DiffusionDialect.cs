using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>
/// <c>diffusion-lsp serve</c>: the completions endpoint, which routers forward, with the object <c>diffusion</c> for what it has no field
/// for. The server ends the text by the same rules as the local engine, so streaming is not needed.
/// </summary>
internal sealed class DiffusionDialect : IRemoteDialect
{
    public string Name => "diffusion-lsp";

    public bool NeedsModel => false;

    public bool Streams => false;

    public Uri Endpoint(RemoteAddress address) => address.AtVersioned("completions");

    public JsonObject Write(RemoteHole hole) => new()
    {
        ["prompt"] = hole.Prefix,
        ["suffix"] = hole.Suffix,
        ["model"] = hole.Model,
        ["max_tokens"] = hole.Length,
        ["stream"] = false,
        ["diffusion"] = new JsonObject
        {
            ["path"] = hole.Path,
            ["language"] = hole.Language,
            ["related"] = new JsonArray([.. hole.Related.Select(text => (JsonNode)text.Text)]),
            ["related_paths"] = new JsonArray([.. hole.Related.Select(text => (JsonNode)text.Path)]),
            ["related_tokens"] = hole.RelatedTokens,
            ["single_line"] = hole.SingleLine,
            ["finds_end"] = hole.FindsEnd,
            ["budget_ms"] = Math.Max(1, (int)hole.Budget.TotalMilliseconds),
            ["raw"] = true,
        },
    };

    public RemotePiece Read(JsonElement answer)
    {
        JsonElement? choice = answer.Choice(), own = answer.Field("diffusion"), usage = answer.Field("usage");
        return new RemotePiece(choice.Text("text") ?? "")
        {
            Stop = Enum.TryParse(own.Text("stop_reason"), out StopReason reason) ? reason : AnswerFields.Stop(choice.Text("finish_reason")),
            Forwards = own.Count("forwards"),
            Tokens = usage.Count("completion_tokens"),
            PromptTokens = usage.Count("prompt_tokens"),
            CachedTokens = own.Count("cached_prompt_tokens"),
            Prompt = own.Number("prompt_ms"),
            Notice = own.Text("notice"),
            Confidence = Confidence(own),
        };
    }

    /// <summary>Null unless every number is valid: a partial curve would truncate a suggestion anywhere.</summary>
    private static SuggestionConfidence? Confidence(JsonElement? own)
    {
        if (own.Field("confidence") is not { ValueKind: JsonValueKind.Array } curve || own.Field("thresholds") is not { } thresholds) return null;
        TokenConfidence?[] tokens = [.. curve.EnumerateArray().Select(token => token.Field("end") is { } end && end.TryGetInt32(out int at) && token.Number("probability") is { } p and >= 0 and <= 1
            ? new TokenConfidence(at, p)
            : (TokenConfidence?)null)];
        if (tokens.Any(token => token is null) || tokens.Zip(tokens.Skip(1)).Any(pair => pair.First!.Value.End > pair.Second!.Value.End || pair.First.Value.Probability < pair.Second.Value.Probability)) return null;
        return thresholds.Number("eager") is { } eager && thresholds.Number("balanced") is { } balanced && thresholds.Number("quiet") is { } quiet
            ? new SuggestionConfidence([.. tokens.Select(token => token!.Value)], new ConfidenceThresholds(eager, balanced, quiet))
            : null;
    }
}
