using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Server.Remote.Dialects;

namespace DiffusionLsp.Server.Remote;

/// <summary>
/// JSON over HTTP with one engine: no redirects, no cookies, answers of at most 1 MB, and every failure as a <see cref="RemoteException"/>.
/// Cancelling closes the connection, or resets the stream on HTTP/2, which makes the engine stop. The handler retries once if a kept-alive
/// connection turns out to be closed. It knows no dialect.
/// </summary>
internal sealed class RemoteClient : IDisposable
{
    private const int MostBytes = 1 << 20, MostQuoted = 200;
    private static readonly TimeSpan ToConnect = TimeSpan.FromSeconds(2), LongestRest = TimeSpan.FromSeconds(60), KeptAlive = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;
    private readonly string host;
    private readonly string? key;

    /// <param name="key">API key; null: none.</param>
    public RemoteClient(RemoteAddress address, string? key)
    {
        (host, this.key) = (address.Host, key);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ToConnect, AllowAutoRedirect = false, UseCookies = false, UseProxy = !address.Base.IsLoopback, PooledConnectionLifetime = KeptAlive,
        };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("diffusion-lsp", ServerVersion.Text));
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>A random id for the life of this process, so that routers send it to the same engine: it identifies neither user nor machine.</summary>
    public string? Session { get; set; }

    /// <summary>The status of an endpoint, and its answer if that is JSON.</summary>
    /// <exception cref="RemoteException">There is no answer.</exception>
    public async Task<(HttpStatusCode Status, JsonElement? Json)> GetAsync(Uri uri, TimeSpan patience, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        return await TryAsync(request, patience, cancellation, async (response, stop) =>
        {
            byte[] body = await BytesAsync(response, stop).ConfigureAwait(false);
            return (response.StatusCode, Parse(body));
        }).ConfigureAwait(false);
    }

    /// <summary>Posts a request and returns the answer.</summary>
    /// <param name="sent">Texts of the request, which no error message may quote.</param>
    /// <exception cref="RemoteException">The engine did not answer.</exception>
    public async Task<JsonElement> PostAsync(Uri uri, JsonObject body, IEnumerable<string> sent, TimeSpan patience, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Post(uri, body);
        return await TryAsync(request, patience, cancellation, async (response, stop) =>
        {
            byte[] answer = await BytesAsync(response, stop).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw Refusal(response, answer, sent);
            return Checked(Parse(answer), sent);
        }).ConfigureAwait(false);
    }

    /// <summary>The events of a streamed answer. Stopping the enumeration ends the request.</summary>
    /// <param name="isLines">Whether each line is a JSON object; false: server-sent events.</param>
    /// <inheritdoc cref="PostAsync"/>
    public async IAsyncEnumerable<JsonElement> StreamAsync(
        Uri uri, JsonObject body, IReadOnlyList<string> sent, bool isLines, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpRequestMessage request = Post(uri, body);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(patience);
        using HttpResponseMessage response = await GuardAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token), patience, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw Refusal(response, await GuardAsync(() => BytesAsync(response, stop.Token), patience, cancellation).ConfigureAwait(false), sent);
        await using Stream stream = new BoundedStream(await response.Content.ReadAsStreamAsync(stop.Token).ConfigureAwait(false), MostBytes);
        await using IAsyncEnumerator<string> events = (isLines ? LinesAsync(stream, stop.Token) : EventsAsync(stream, stop.Token)).GetAsyncEnumerator(stop.Token);
        while (await GuardAsync(() => events.MoveNextAsync().AsTask(), patience, cancellation).ConfigureAwait(false))
        {
            if (events.Current.Length == 0) continue;
            if (events.Current == "[DONE]") yield break;
            yield return Checked(Parse(Encoding.UTF8.GetBytes(events.Current)), sent);
        }
    }

    public void Dispose() => http.Dispose();

    /// <param name="said">The status, and the engine's message.</param>
    public static RemoteException KeyRefused(string host, string said) =>
        new(RemoteFailure.Refused, $"{host} does not accept the key ({said}); see diffusionLsp.remoteKeyVariable and diffusionLsp.remoteKeyFile");

    private HttpRequestMessage Post(Uri uri, JsonObject body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        if (Session is { } session) request.Headers.Add("X-Session-Id", session);
        return request;
    }

    private async Task<T> TryAsync<T>(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellation, Func<HttpResponseMessage, CancellationToken, Task<T>> read)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(patience);
        return await GuardAsync(async () =>
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token).ConfigureAwait(false);
            return await read(response, stop.Token).ConfigureAwait(false);
        }, patience, cancellation).ConfigureAwait(false);
    }

    /// <summary>Turns every kind of network failure into a one-sentence exception.</summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> work, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new RemoteException(RemoteFailure.Unreachable, FormattableString.Invariant($"{host} did not answer within {patience.TotalSeconds:0.#} s"), inner: e);
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException tls)
        {
            throw new RemoteException(RemoteFailure.Refused, $"{host} has no certificate that this machine trusts ({OneLine(tls.Message)}); install its certificate authority, or use its full host name", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new RemoteException(RemoteFailure.Unreachable, $"{host} does not answer ({Cause(e)})", inner: e);
        }
    }

    private static string Cause(Exception e) => e switch
    {
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "connection refused",
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "no such host",
        { InnerException: SocketException socket } => OneLine(socket.Message),
        BoundedStreamException => "its answer is larger than 1 MB",
        { InnerException: { } inner } => OneLine(inner.Message),
        _ => OneLine(e.Message),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');

    private static async Task<byte[]> BytesAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using Stream stream = new BoundedStream(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), MostBytes);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellation).ConfigureAwait(false);
        return bytes.ToArray();
    }

    private static async IAsyncEnumerable<string> LinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line) yield return line;
    }

    private static async IAsyncEnumerable<string> EventsAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancellation).ConfigureAwait(false)) yield return item.Data;
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JsonElement Checked(JsonElement? json, IEnumerable<string> sent)
    {
        if (json is not { ValueKind: JsonValueKind.Object } answer) throw new RemoteException(RemoteFailure.Unreachable, $"{host} answered with something that is not a JSON object");
        return Message(answer) is { } message ? throw new RemoteException(RemoteFailure.Unreachable, $"{host} failed{Quoted(message, sent)}") : answer;
    }

    private RemoteException Refusal(HttpResponseMessage response, byte[] body, IEnumerable<string> sent)
    {
        int status = (int)response.StatusCode;
        string said = $"{status}{Quoted(Parse(body) is { } json ? Message(json) : null, sent)}";
        return status switch
        {
            401 or 403 => KeyRefused(host, said),
            429 or 503 => new RemoteException(RemoteFailure.Busy, $"{host} is busy ({said})", Rest(response.Headers.RetryAfter)),
            >= 300 and < 400 => new RemoteException(RemoteFailure.Refused, $"{host} redirects its clients ({status}), and redirects are not followed; put the final address into diffusionLsp.remoteUrl"),
            >= 500 => new RemoteException(RemoteFailure.Unreachable, $"{host} failed ({said})"),
            _ => new RemoteException(RemoteFailure.Refused, $"{host} does not accept such requests ({said}); see diffusionLsp.remoteKind and diffusionLsp.remoteModel"),
        };
    }

    private static TimeSpan Rest(RetryConditionHeaderValue? after)
    {
        TimeSpan asked = after?.Delta ?? (after?.Date is { } date ? date - DateTimeOffset.UtcNow : TimeSpan.Zero);
        return TimeSpan.FromSeconds(Math.Clamp(asked.TotalSeconds, 1, LongestRest.TotalSeconds));
    }

    /// <summary>The engine's error message, in any of the formats that engines use; null: none.</summary>
    private static string? Message(JsonElement json)
    {
        const string none = "no reason given";
        if (json.Field("error") is { } error) return error.Text() ?? error.Text("message") ?? none;
        return json.Text("object") == "error" ? json.Text("message") ?? none : null;
    }

    /// <summary>Some engines quote their input in errors: a message that contains the key or a piece of the text is not repeated, since messages are logged.</summary>
    private string Quoted(string? message, IEnumerable<string> sent)
    {
        const int piece = 12;
        if (message is null) return "";
        string line = OneLine(string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c)));
        bool quotes = Enumerable.Range(0, Math.Max(0, message.Length - piece + 1)).Any(i => sent.Any(text => text.AsSpan().Contains(message.AsSpan(i, piece), StringComparison.Ordinal)));
        return quotes || (key is not null && message.Contains(key, StringComparison.Ordinal)) ? "" : $": {(line.Length <= MostQuoted ? line : line[..MostQuoted] + "…")}";
    }
}
