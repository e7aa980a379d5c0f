using System.Globalization;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>Answers to clients' questions about the server and its model: one function per path. Pure.</summary>
internal static class Listings
{
    /// <summary>The functions by path.</summary>
    public static IReadOnlyDictionary<string, Func<ServedModel, JsonObject>> All { get; } = new Dictionary<string, Func<ServedModel, JsonObject>>
    {
        ["/props"] = Properties,
        ["/v1/models"] = Models,
        ["/api/tags"] = Tags,
        ["/api/show"] = Show,
        ["/api/version"] = _ => new JsonObject { ["version"] = ServerVersion.Text },
    };

    private static JsonObject Properties(ServedModel served) => new()
    {
        ["default_generation_settings"] = new JsonObject { ["n_ctx"] = served.ContextTokens, ["params"] = new JsonObject { ["n_predict"] = ServeRequest.DefaultLength } },
        ["total_slots"] = served.Slots,
        ["model_path"] = served.Name,
        ["build_info"] = $"diffusion-lsp {ServerVersion.Text}",
        ["diffusion"] = new JsonObject { ["version"] = 1, ["parameters"] = served.Model?.Parameters, ["device"] = served.Model?.Device, ["decoder"] = served.Decoder },
    };

    private static JsonObject Models(ServedModel served) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray(new JsonObject { ["id"] = served.Name, ["object"] = "model", ["created"] = served.Started.ToUnixTimeSeconds(), ["owned_by"] = "diffusion-lsp" }),
    };

    private static JsonObject Tags(ServedModel served) => new()
    {
        ["models"] = new JsonArray(new JsonObject
        {
            ["name"] = served.Name,
            ["model"] = served.Name,
            ["modified_at"] = served.Started.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["size"] = served.Model?.Parameters ?? 0,
            ["digest"] = "",
            ["details"] = Details(served),
        }),
    };

    /// <summary>Clients look for a suffix in the template to learn whether the model supports one.</summary>
    private static JsonObject Show(ServedModel served) => new()
    {
        ["template"] = "{{ .Prompt }}{{ .Suffix }}",
        ["parameters"] = string.Create(CultureInfo.InvariantCulture, $"num_ctx {served.ContextTokens}"),
        ["capabilities"] = new JsonArray("completion", "insert"),
        ["details"] = Details(served),
        ["model_info"] = new JsonObject(),
    };

    private static JsonObject Details(ServedModel served) => new()
    {
        ["format"] = "safetensors",
        ["family"] = served.Model?.Family ?? "",
        ["families"] = new JsonArray(served.Model?.Family ?? ""),
        ["parameter_size"] = string.Create(CultureInfo.InvariantCulture, $"{(served.Model?.Parameters ?? 0) / 1e6:0.#}M"),
        ["quantization_level"] = served.Model?.DataType ?? "",
    };
}

/// <summary>What the server offers.</summary>
/// <param name="Model">The loaded model; null: none.</param>
/// <param name="ContextTokens">Maximum number of prompt tokens; some clients need a number.</param>
internal sealed record ServedModel(ModelSummary? Model, string Decoder, int ContextTokens, int Slots, DateTimeOffset Started)
{
    public string Name => Model?.Name ?? "";
}
