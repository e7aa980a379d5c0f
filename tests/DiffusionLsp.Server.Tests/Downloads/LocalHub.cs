using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DiffusionLsp.Server.Tests.Downloads;

/// <summary>A hub of models on this machine: a list of files with checksums, and their bytes with ranges. It can misbehave.</summary>
internal sealed class LocalHub : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Dictionary<string, byte[]> files;

    public LocalHub(Dictionary<string, byte[]> files)
    {
        this.files = files;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }
        foreach (string name in new[] { "127.0.0.1", "localhost" }) listener.Prefixes.Add($"http://{name}:{Address.Port}/");
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>"METHOD path range" of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Connections of large files break after this many bytes, this many times.</summary>
    public (int After, int Times) Breaks { get; set; }

    /// <summary>Number of requests that are answered with a server error before it works.</summary>
    public int Busy { get; set; }

    /// <summary>Whether it sends the whole file whatever the range.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>A file whose listed checksum is wrong.</summary>
    public string? Damaged { get; set; }

    /// <summary>Its listing, in place of its files.</summary>
    public string? List { get; set; }

    /// <summary>Where it redirects requests for a file.</summary>
    public string? Location { get; set; }

    /// <summary>"path credentials" of every request with credentials.</summary>
    public ConcurrentQueue<string> Authorized { get; } = [];

    /// <summary>Further contents, by path.</summary>
    public Dictionary<string, byte[]> Others { get; } = [];

    /// <summary>Connections fall silent after this many bytes of a list or a large file, this many times, and stay open.</summary>
    public (int After, int Times) Stalls { get; set; }

    private readonly ManualResetEventSlim closed = new();

    public static string GitName(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try { context = await listener.GetContextAsync(); }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException) { return; }
            _ = Task.Run(() =>
            {
                try { Answer(context); }
                catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException) { }
            });
        }
    }

    private void Answer(HttpListenerContext context)
    {
        string path = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath);
        Requests.Enqueue($"{path} {context.Request.Headers["Range"]}".Trim());
        if (context.Request.Headers["Authorization"] is { } credentials) Authorized.Enqueue($"{path} {credentials}");
        using HttpListenerResponse response = context.Response;
        if (Busy > 0)
        {
            Busy--;
            response.StatusCode = 503;
        }
        else if (Others.TryGetValue(path, out byte[]? other)) SendFile(context, response, other);
        else if (path == "/api/models/who/tiny/revision/main") Send(response, List is { } list ? Encoding.UTF8.GetBytes(list) : JsonSerializer.SerializeToUtf8Bytes(new { siblings = files.Select(Listed) }));
        else if (Location is { } location)
        {
            response.StatusCode = 302;
            response.Headers["Location"] = location;
        }
        else if (path.StartsWith("/who/tiny/resolve/main/") && files.TryGetValue(path["/who/tiny/resolve/main/".Length..], out byte[]? content)) SendFile(context, response, content);
        else response.StatusCode = 404;
    }

    private object Listed(KeyValuePair<string, byte[]> file)
    {
        string sha = file.Key == Damaged ? new string('0', 64) : Convert.ToHexStringLower(SHA256.HashData(file.Value));
        return file.Key.EndsWith(".safetensors")
            ? new { rfilename = file.Key, size = file.Value.Length, lfs = new { sha256 = sha, size = file.Value.Length } }
            : new { rfilename = file.Key, size = file.Value.Length, blobId = GitName(file.Value) };
    }

    private void SendFile(HttpListenerContext context, HttpListenerResponse response, byte[] content)
    {
        int from = 0;
        if (context.Request.Headers["Range"] is { } range && !IgnoresRanges)
        {
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'));
            if (from >= content.Length) { response.StatusCode = 416; return; }
            response.StatusCode = 206;
        }
        response.ContentLength64 = content.Length - from;
        if (IsStalled(response, content.AsSpan(from))) return;
        if (Breaks.Times > 0 && content.Length - from > Breaks.After)
        {
            Breaks = (Breaks.After, Breaks.Times - 1);
            response.OutputStream.Write(content, from, Breaks.After);
            response.OutputStream.Flush();
            response.Abort();
            return;
        }
        response.OutputStream.Write(content, from, content.Length - from);
    }

    private bool IsStalled(HttpListenerResponse response, ReadOnlySpan<byte> content)
    {
        if (Stalls.Times == 0 || content.Length <= Stalls.After) return false;
        Stalls = (Stalls.After, Stalls.Times - 1);
        if (Stalls.After > 0)
        {
            response.OutputStream.Write(content[..Stalls.After]);
            response.OutputStream.Flush();
        }
        closed.Wait();
        return true;
    }

    private void Send(HttpListenerResponse response, byte[] content)
    {
        response.ContentLength64 = content.Length;
        if (IsStalled(response, content)) return;
        response.OutputStream.Write(content);
    }

    public void Dispose()
    {
        closed.Set();
        listener.Close();
    }
}
