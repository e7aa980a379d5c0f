using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Metrics;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests;

/// <summary>A client that sends bytes as a test writes them, with a server behind it: for JSON that no library would write.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder metrics = new();
    private readonly Pipe up = new(), down = new();
    private readonly Stream input;
    private readonly Task<int> exitCode;
    private readonly List<string> notifications = [];
    private int lastId;

    public RawClient(ICompletionEngine engine)
    {
        input = down.Reader.AsStream();
        var host = new ServerHost(new ServerHostOptions { Load = (_, _) => engine, Log = Logger.None, Metrics = new MetricsFolder(metrics.Path) });
        exitCode = Task.Run(() => host.RunAsync(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    /// <summary>Bodies of all notifications and requests of the server, unchanged.</summary>
    public IReadOnlyList<string> Notifications => notifications;

    /// <param name="root">URI of the workspace.</param>
    public async Task StartAsync(string root = "file:///w")
    {
        await RequestAsync("initialize", $$$"""{"processId":null,"rootUri":"{{{root}}}","capabilities":{},"initializationOptions":{"debounceMs":0,"prefetch":false}}""");
        await NotifyAsync("initialized", "{}");
    }

    public Task NotifyAsync(string method, string parameters) => SendAsync(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","method":"{{{method}}}","params":{{{parameters}}}}"""));

    /// <summary>The answer's body, unchanged.</summary>
    public async Task<string> RequestAsync(string method, string parameters)
    {
        int id = ++lastId;
        await SendAsync(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"{{{method}}}","params":{{{parameters}}}}"""));
        while (true)
        {
            string body = await ReadAsync();
            using JsonDocument message = JsonDocument.Parse(body);
            if (message.RootElement.TryGetProperty("method", out _)) notifications.Add(body);
            else if (message.RootElement.GetProperty("id").GetRawText() == $"{id}") return body;
        }
    }

    public async Task SendAsync(byte[] body)
    {
        await up.Writer.WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"));
        await up.Writer.WriteAsync(body);
    }

    /// <summary>The server's copy of a document, as JSON.</summary>
    public async Task<string> TextAsync(string uri)
    {
        string answer = await RequestAsync("$/diffusion/text", $$$"""{"textDocument":{"uri":"{{{uri}}}"}}""");
        return answer[(answer.IndexOf("\"result\":", StringComparison.Ordinal) + 9)..^1];
    }

    public async ValueTask DisposeAsync()
    {
        await up.Writer.CompleteAsync();
        await exitCode.WaitAsync(Patience);
        metrics.Dispose();
    }

    private async Task<string> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var header = new StringBuilder();
        byte[] one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await input.ReadExactlyAsync(one, patience.Token);
            header.Append((char)one[0]);
        }
        string length = header.ToString().Split("\r\n").Single(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        byte[] body = new byte[int.Parse(length["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture)];
        await input.ReadExactlyAsync(body, patience.Token);
        return Encoding.UTF8.GetString(body);
    }
}
