using System.Net;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote.Dialects;

namespace DiffusionLsp.Server.Remote;

/// <summary>The detected kind and model of a remote engine.</summary>
/// <param name="Model">The model's name on the engine; empty: unknown.</param>
/// <param name="Parameters">The model's number of parameters; null: unknown.</param>
internal sealed record RemoteServer(IRemoteDialect Dialect, string Model, long? Parameters)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Queries the engine's kind and model, unless they are configured.</summary>
    /// <exception cref="RemoteException">It does not answer, or is of no supported kind.</exception>
    public static async Task<RemoteServer> FindAsync(RemoteClient client, RemoteAddress address, RemoteOptions options, CancellationToken cancellation)
    {
        IRemoteDialect? named = RemoteKinds.Named(options);
        JsonElement? properties = named is null or DiffusionDialect or LlamaCppDialect ? await JsonAsync(client, address, "props", cancellation).ConfigureAwait(false) : null;
        JsonElement? own = properties.Field("diffusion");
        IRemoteDialect dialect = named ?? await KindAsync(client, address, properties, own, cancellation).ConfigureAwait(false);
        long? parameters = own.Number("parameters") is { } count and > 0 ? (long)count : null;
        string model = options.Model.Length > 0 ? options.Model : properties.Text("model_path") is { Length: > 0 } path ? path[(path.LastIndexOfAny(['/', '\\']) + 1)..] : "";
        if (model.Length == 0 && dialect.NeedsModel) model = await FirstModelAsync(client, address, dialect, cancellation).ConfigureAwait(false);
        return new RemoteServer(dialect, model, parameters);
    }

    /// <summary>Checks that the engine answers; anything except a server error counts.</summary>
    /// <exception cref="RemoteException">It does not.</exception>
    public static async Task ProbeAsync(RemoteClient client, RemoteAddress address, CancellationToken cancellation)
    {
        (HttpStatusCode status, _) = await client.GetAsync(address.At("health"), Patience, cancellation).ConfigureAwait(false);
        if ((int)status >= 500) throw new RemoteException(RemoteFailure.Unreachable, $"{address.Host} is not ready ({(int)status})");
    }

    private static async Task<IRemoteDialect> KindAsync(RemoteClient client, RemoteAddress address, JsonElement? properties, JsonElement? own, CancellationToken cancellation)
    {
        string kind = own is not null ? "diffusion-lsp" : properties.Field("default_generation_settings") is not null ? "llama.cpp"
            : (await JsonAsync(client, address, "api/version", cancellation).ConfigureAwait(false)).Text("version") is not null ? "ollama"
            : throw new RemoteException(RemoteFailure.Refused, $"{address.Host} does not say what it is; set diffusionLsp.remoteKind to one of {string.Join(", ", RemoteKinds.Names.Skip(1))}");
        return RemoteKinds.All.First(dialect => dialect.Name == kind);
    }

    private static async Task<string> FirstModelAsync(RemoteClient client, RemoteAddress address, IRemoteDialect dialect, CancellationToken cancellation)
    {
        (string list, string name) = dialect is OllamaDialect ? ("models", "name") : ("data", "id");
        Uri uri = dialect is OllamaDialect ? address.At("api/tags") : address.AtVersioned("models");
        (_, JsonElement? json) = await client.GetAsync(uri, Patience, cancellation).ConfigureAwait(false);
        return json.Field(list) is { ValueKind: JsonValueKind.Array } models && models.GetArrayLength() > 0 && models[0].Text(name) is { Length: > 0 } first
            ? first
            : throw new RemoteException(RemoteFailure.Refused, $"{address.Host} names no model; set diffusionLsp.remoteModel");
    }

    /// <summary>An endpoint's JSON; null: there is no such endpoint.</summary>
    private static async Task<JsonElement?> JsonAsync(RemoteClient client, RemoteAddress address, string path, CancellationToken cancellation)
    {
        (HttpStatusCode status, JsonElement? json) = await client.GetAsync(address.At(path), Patience, cancellation).ConfigureAwait(false);
        return (int)status switch
        {
            200 => json,
            401 or 403 => throw RemoteClient.KeyRefused(address.Host, $"{(int)status}"),
            >= 500 => throw new RemoteException(RemoteFailure.Unreachable, $"{address.Host} is not ready ({(int)status})"),
            _ => null,
        };
    }
}
