using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>The answers of both of llama.cpp's endpoints.</summary>
internal static class LlamaCppAnswer
{
    public static JsonObject Whole(ServeRequest request, ServeAnswer answer)
    {
        var whole = new JsonObject
        {
            ["content"] = answer.Text,
            ["stop"] = true,
            ["stop_type"] = answer.FinishReason == "length" ? "limit" : "eos",
            ["model"] = request.Model,
            ["tokens_predicted"] = answer.Tokens,
            ["tokens_evaluated"] = answer.PromptTokens,
            ["tokens_cached"] = answer.CachedTokens,
            ["truncated"] = false,
            ["generation_settings"] = new JsonObject { ["n_ctx"] = answer.ContextTokens, ["n_predict"] = request.Length },
            ["timings"] = Timings(answer),
        };
        return request.Fields is { } wanted ? Only(whole, wanted) : whole;
    }

    public static IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer)
    {
        yield return DialectTable.Event(new JsonObject { ["content"] = answer.Text, ["stop"] = false });
        JsonObject last = Whole(request with { Fields = null }, answer);
        last["content"] = "";
        yield return DialectTable.Event(last);
    }

    private static JsonObject Timings(ServeAnswer answer)
    {
        int fed = answer.PromptTokens - answer.CachedTokens;
        (double prompt, double decode) = (answer.Timings.Prompt, answer.Timings.Decode);
        return new JsonObject
        {
            ["prompt_n"] = fed,
            ["prompt_ms"] = prompt,
            ["prompt_per_token_ms"] = Ratio(prompt, fed),
            ["prompt_per_second"] = Ratio(1000 * fed, prompt),
            ["predicted_n"] = answer.Tokens,
            ["predicted_ms"] = decode,
            ["predicted_per_token_ms"] = Ratio(decode, answer.Tokens),
            ["predicted_per_second"] = Ratio(1000 * answer.Tokens, decode),
        };
    }

    /// <summary>The rate, or 0 for a denominator of 0: JSON has no infinity.</summary>
    private static double Ratio(double value, double of) => of > 0 ? value / of : 0;

    /// <summary>A flat object with the whole path as the key; unknown names are left out.</summary>
    private static JsonObject Only(JsonObject whole, IReadOnlyList<string> wanted)
    {
        var some = new JsonObject();
        foreach (string name in wanted)
        {
            JsonNode? value = name.Split('/').Aggregate((JsonNode?)whole, (node, part) => (node as JsonObject)?[part]);
            if (value is not null) some[name] = value.DeepClone();
        }
        return some;
    }
}
