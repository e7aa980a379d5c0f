using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DiffusionLsp.Server.Downloads;

/// <summary>Client for package feeds with NuGet's protocol 3: a package's address, and its bytes from any offset. It writes nothing.</summary>
internal sealed class NugetClient(HttpClient http, NugetSource source, Patience patience)
{
    private const int MostIndexBytes = 4 << 20;
    private const string Contents = "PackageBaseAddress/3.0.0";

    /// <summary>The address of a package.</summary>
    /// <exception cref="HttpRequestException">The feed cannot be reached, or rejects the request.</exception>
    /// <exception cref="FormatException">The response does not follow NuGet's protocol 3.</exception>
    public async Task<Uri> LocateAsync(string package, string version, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync(source.Address, 0, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        byte[] index = await ReadAsync(response, cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(index);
            string? folder = parsed.RootElement.GetProperty("resources").EnumerateArray()
                .Where(resource => resource.GetProperty("@type").GetString() == Contents).Select(resource => resource.GetProperty("@id").GetString()).FirstOrDefault();
            if (folder is null || !Uri.TryCreate(source.Address, folder.TrimEnd('/') + "/", out Uri? contents) || contents.Scheme is not ("https" or "http")) throw new FormatException("it names no address for packages");
            return new Uri(contents, $"{package}/{version}/{package}.{version}.nupkg");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("it does not follow NuGet's protocol 3", e);
        }
    }

    /// <summary>A package's bytes.</summary>
    /// <param name="from">Offset to start at; the response may start at 0 all the same.</param>
    /// <exception cref="HttpRequestException">The feed cannot be reached.</exception>
    /// <exception cref="FormatException">It redirects to an unusable address.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri address, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        // Packages may be on another server; credentials are only for the feed itself.
        if (source.Credentials is var (user, password) && address.Host == source.Address.Host && address.Scheme == source.Address.Scheme)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        try
        {
            return await patience.WaitAsync(token => new ValueTask<HttpResponseMessage>(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or UriFormatException)
        {
            throw new FormatException("it redirects to an unusable address", e);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await patience.WaitAsync(token => body.ReadAsync(buffer, token), cancellation).ConfigureAwait(false)) > 0)
        {
            if (all.Length + count > MostIndexBytes) throw new FormatException("it sent an index that is too long");
            all.Write(buffer, 0, count);
        }
        return all.ToArray();
    }
}
