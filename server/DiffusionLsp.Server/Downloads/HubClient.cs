using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// HTTP client for a model hub with Hugging Face's API: the files of a repository, and their bytes from any offset.
/// It writes nothing.
/// </summary>
/// <param name="patience">How long the hub may be silent; null: the default.</param>
internal sealed class HubClient(HttpClient http, Uri address, Patience? patience = null)
{
    private const int MostListBytes = 32 << 20;
    private const long MostFileBytes = 1L << 42; // larger than any disk; sums of several do not overflow

    private readonly Patience patience = patience ?? Patience.Usual;

    /// <summary>How long the hub may be silent.</summary>
    public Patience Patience => patience;

    /// <summary>File extensions that a model needs; everything else (code, images, other formats) is not downloaded.</summary>
    private static readonly string[] Needed = [".safetensors", ".json", ".txt", "LICENSE"];

    /// <summary>The files of a repository that a model needs.</summary>
    /// <exception cref="UserException">The repository does not exist, or the server is not a model hub.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(string repository, CancellationToken cancellation)
    {
        Uri uri = new(address, $"/api/models/{repository}/revision/main?blobs=true");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using HttpResponseMessage response = await SendAsync(request, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new UserException($"The hub {address.Host} has no public repository '{repository}' ({(int)response.StatusCode}); check the name, or accept the licence on its page and download it from there.");
        response.EnsureSuccessStatusCode();
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument list = JsonDocument.Parse(await ReadLimitedAsync(body, cancellation).ConfigureAwait(false));
            HubFile[] files = [.. list.RootElement.GetProperty("siblings").EnumerateArray().Select(Parse).OfType<HubFile>()];
            return files.Any(f => f.Name.EndsWith(".safetensors", StringComparison.Ordinal)) ? files
                : throw new UserException($"The repository '{repository}' on {address.Host} contains no safetensors files; choose one that does.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserException($"{address.Host} does not answer like a model hub ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); check the address given by --hub.");
        }
    }

    /// <summary>A file's bytes.</summary>
    /// <param name="from">Offset to start at; the response may start at 0 all the same.</param>
    public async Task<HttpResponseMessage> GetAsync(string repository, string file, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/{repository}/resolve/main/{Uri.EscapeDataString(file)}"));
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        return await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellation) =>
        patience.WaitAsync(token => body.ReadAsync(buffer, token), cancellation);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await patience.WaitAsync(token => new ValueTask<HttpResponseMessage>(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or UriFormatException)
        {
            throw new UserException($"{address.Host} redirects the download to an unusable address ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); check the address given by --hub.");
        }
    }

    private static HubFile? Parse(JsonElement sibling)
    {
        string name = sibling.GetProperty("rfilename").GetString() ?? "";
        // Names come from the network: only files in the repository's root are accepted, so none can leave our folder.
        if (!Needed.Any(e => name.EndsWith(e, StringComparison.Ordinal)) || name.AsSpan().IndexOfAny("/\\:\0") >= 0 || name.StartsWith('.')) return null;
        long bytes = sibling.GetProperty("size").GetInt64();
        if (bytes is < 0 or > MostFileBytes) throw new FormatException($"'{name}' has a size of {bytes} bytes");
        if (sibling.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind is JsonValueKind.Object)
            return new HubFile(name, bytes, new FileChecksum.Sha256(Hex(lfs.GetProperty("sha256"), SHA256.HashSizeInBytes, name)));
        return new HubFile(name, bytes, new FileChecksum.GitBlob(Hex(sibling.GetProperty("blobId"), SHA1.HashSizeInBytes, name)));
    }

    private static string Hex(JsonElement value, int bytes, string name) =>
        value.GetString() is { } hex && hex.Length == 2 * bytes && hex.All(char.IsAsciiHexDigit) ? hex : throw new FormatException($"'{name}' has no checksum");

    private async Task<ReadOnlyMemory<byte>> ReadLimitedAsync(Stream body, CancellationToken cancellation)
    {
        var content = new byte[MostListBytes];
        int length = 0;
        while (length < content.Length)
        {
            int count = await ReadAsync(body, content.AsMemory(length), cancellation).ConfigureAwait(false);
            if (count == 0) return content.AsMemory(0, length);
            length += count;
        }
        throw new JsonException($"the list is longer than {MostListBytes} bytes");
    }
}
