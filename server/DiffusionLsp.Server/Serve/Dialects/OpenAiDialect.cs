using System.Text.Json.Nodes;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>OpenAI's <c>/v1/completions</c> with <c>suffix</c>, plus DiffusionLsp's own object <c>diffusion</c> for what OpenAI has no field for.</summary>
internal sealed class OpenAiDialect : IDialect
{
    private const int LongestBudget = 600_000; // milliseconds

    public IReadOnlyList<string> Paths { get; } = ["/v1/completions"];

    public ServeRequest Read(RequestFields body)
    {
        IReadOnlyList<string> stops = body.Stops("stop");
        RequestFields own = body.Object("diffusion");
        var request = new ServeRequest
        {
            Model = body.Text("model") ?? "",
            Prefix = body.TextOrOne("prompt") ?? throw ServeError.Bad("prompt", "a string"),
            Suffix = body.Text("suffix") ?? "",
            Path = own.Text("path"),
            Language = own.Text("language"),
            Related = Related(own.Texts("related") ?? [], own.Texts("related_paths") ?? []),
            RelatedTokens = own.Number("related_tokens", 0, 32_768) ?? 1024,
            Stops = stops,
            SingleLine = own.Flag("single_line") ?? DialectTable.SingleLine(stops),
            FindsEnd = own.Flag("finds_end") ?? false,
            Length = DialectTable.Length(body, "max_tokens"),
            Budget = TimeSpan.FromMilliseconds(own.Number("budget_ms", 1, LongestBudget) ?? 2000),
            Background = own.Flag("background") ?? false,
            Raw = own.Flag("raw") ?? false,
            Stream = body.Flag("stream") ?? false,
            KnowsDiffusion = body.Has("diffusion"),
        };
        return request.Suffix.Length == 0 ? DialectTable.Hole(request) : request;
    }

    public JsonObject Write(ServeRequest request, ServeAnswer answer)
    {
        JsonObject whole = Chunk(request, answer, answer.Text, answer.FinishReason);
        whole["usage"] = Usage(answer);
        if (request.KnowsDiffusion) whole["diffusion"] = Own(request, answer);
        return whole;
    }

    public IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer)
    {
        yield return DialectTable.Event(Chunk(request, answer, answer.Text, null));
        JsonObject last = Chunk(request, answer, "", answer.FinishReason);
        last["usage"] = Usage(answer);
        if (request.KnowsDiffusion) last["diffusion"] = Own(request, answer);
        yield return DialectTable.Event(last);
        yield return "data: [DONE]\n\n";
    }

    internal static JsonObject Usage(ServeAnswer answer) => new()
    {
        ["prompt_tokens"] = answer.PromptTokens,
        ["completion_tokens"] = answer.Tokens,
        ["total_tokens"] = answer.PromptTokens + answer.Tokens,
    };

    private static JsonObject Chunk(ServeRequest request, ServeAnswer answer, string text, string? finish) => new()
    {
        ["id"] = $"cmpl-{answer.Id}",
        ["object"] = "text_completion",
        ["created"] = answer.At.ToUnixTimeSeconds(),
        ["model"] = request.Model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["text"] = text, ["logprobs"] = null, ["finish_reason"] = finish }),
    };

    private static JsonObject Own(ServeRequest request, ServeAnswer answer)
    {
        var own = new JsonObject
        {
            ["forwards"] = answer.Decode?.Forwards ?? 0,
            ["stop_reason"] = answer.Decode?.StopReason.ToString(),
            ["cached_prompt_tokens"] = answer.CachedTokens,
            ["tokenize_ms"] = answer.Timings.Tokenize,
            ["prompt_ms"] = answer.Timings.Prompt,
            ["decode_ms"] = answer.Timings.Decode,
            ["notice"] = answer.Decode?.Notice,
        };
        // The tokens' ends refer to the text before post-processing.
        if (request.Raw && answer.Decode is { Confidence: { Tokens.Count: > 0 } confidence })
        {
            own["confidence"] = new JsonArray([.. confidence.Tokens.Select(token => new JsonObject { ["end"] = token.End, ["probability"] = Math.Round(token.Probability, 4) })]);
            own["thresholds"] = new JsonObject { ["eager"] = confidence.Thresholds.Eager, ["balanced"] = confidence.Thresholds.Balanced, ["quiet"] = confidence.Thresholds.Quiet };
        }
        return own;
    }

    /// <summary>Texts with their paths, where paths are given.</summary>
    private static RelatedText[] Related(IReadOnlyList<string> texts, IReadOnlyList<string> paths) => [.. texts.Select((text, i) => new RelatedText(i < paths.Count ? paths[i] : "", text))];
}
