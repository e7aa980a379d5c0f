using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DiffusionLsp.Server.CommandLine;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Speaks with a hub of models over HTTP as Hugging Face's does: which files a repository has, and their bytes from any place on.
/// It writes nothing.
/// </summary>
internal sealed class HubClient(HttpClient http, Uri address)
{
    private const int MostListBytes = 32 << 20;

    /// <summary>The endings of files that a model needs; everything else (code, pictures, other formats) stays there.</summary>
    private static readonly string[] Needed = [".safetensors", ".json", ".txt", "LICENSE"];

    /// <summary>The files of a repository that a model needs.</summary>
    /// <exception cref="UserException">There is no such repository, or the hub does not answer as one.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(string repository, CancellationToken cancellation)
    {
        Uri uri = new(address, $"/api/models/{repository}/revision/main?blobs=true");
        using HttpResponseMessage response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new UserException($"The hub {address.Host} has no public repository '{repository}' ({(int)response.StatusCode}); check the name, or accept its licence on its page and download it there.");
        response.EnsureSuccessStatusCode();
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument list = JsonDocument.Parse(await ReadLimitedAsync(body, cancellation).ConfigureAwait(false));
            HubFile[] files = [.. list.RootElement.GetProperty("siblings").EnumerateArray().Select(Parse).OfType<HubFile>()];
            return files.Any(f => f.Name.EndsWith(".safetensors", StringComparison.Ordinal)) ? files
                : throw new UserException($"The repository '{repository}' on {address.Host} holds no safetensors; choose one that does.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserException($"{address.Host} does not answer as a hub of models does ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); check the address given by --hub.");
        }
    }

    /// <summary>A file's bytes.</summary>
    /// <param name="from">Where to begin; the answer may begin at 0 all the same.</param>
    public async Task<HttpResponseMessage> GetAsync(string repository, string file, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/{repository}/resolve/main/{Uri.EscapeDataString(file)}"));
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
    }

    private static HubFile? Parse(JsonElement sibling)
    {
        string name = sibling.GetProperty("rfilename").GetString() ?? "";
        // Names come from the network: only files of the repository's own folder are taken, and none leaves ours.
        if (!Needed.Any(e => name.EndsWith(e, StringComparison.Ordinal)) || name.AsSpan().IndexOfAny("/\\:\0") >= 0 || name.StartsWith('.')) return null;
        long bytes = sibling.GetProperty("size").GetInt64();
        if (sibling.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind is JsonValueKind.Object)
            return new HubFile(name, bytes, new FileChecksum.Sha256(lfs.GetProperty("sha256").GetString()!));
        return new HubFile(name, bytes, new FileChecksum.GitBlob(sibling.GetProperty("blobId").GetString()!));
    }

    private static async Task<byte[]> ReadLimitedAsync(Stream body, CancellationToken cancellation)
    {
        var content = new byte[MostListBytes];
        int length = await body.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return length < content.Length ? content[..length] : throw new JsonException($"the list is longer than {MostListBytes} bytes");
    }
}
