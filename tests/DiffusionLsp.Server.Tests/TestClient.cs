using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Metrics;
using Serilog.Core;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests;

/// <summary>A client and a server over in-memory pipes, with an engine of the test's choice.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    public const string Uri = "file:///w/a.ts";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonRpc rpc;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<JsonElement>> received = new();

    private readonly string metrics = Directory.CreateTempSubdirectory("dlsp-").FullName;
    private readonly SemaphoreSlim edits = new(0);

    public TestClient(Func<EngineOptions, ICompletionEngine> load, int maxMessageBytes = 1 << 20) : this((options, _) => load(options), maxMessageBytes)
    {
    }

    public TestClient(LoadEngine load, int maxMessageBytes = 1 << 20, Func<ServerHostOptions, ServerHostOptions>? with = null)
    {
        Pipe up = new(), down = new();
        var options = new ServerHostOptions { Load = load, Log = Logger.None, MaxMessageBytes = maxMessageBytes, Metrics = new MetricsFolder(metrics), Diagnose = (_, engine) => (engine is not null, "report") };
        var host = new ServerHost(with?.Invoke(options) ?? options);
        ExitCode = Task.Run(() => host.RunAsync(up.Reader.AsStream(), down.Writer.AsStream()));
        rpc = new JsonRpc(new HeaderDelimitedMessageHandler(up.Writer.AsStream(), down.Reader.AsStream(), new SystemTextJsonFormatter()));
        foreach (string method in new[] { "$/diffusion/status", "$/progress", "$/logTrace", "window/logMessage", "window/showMessage", "window/workDoneProgress/create", "client/registerCapability" })
        {
            received[method] = new ConcurrentQueue<JsonElement>();
            AddSink(method);
        }
        rpc.AddLocalRpcMethod(((Delegate)Configuration).Method, this, new JsonRpcMethodAttribute("workspace/configuration") { UseSingleObjectParameterDeserialization = true });
        rpc.AddLocalRpcMethod(((Delegate)ApplyEdit).Method, this, new JsonRpcMethodAttribute("workspace/applyEdit") { UseSingleObjectParameterDeserialization = true });
        rpc.StartListening();
    }

    public Task<int> ExitCode { get; }

    /// <summary>A method that this client answers with an error.</summary>
    public string? Refused { get; init; }

    /// <summary>What the server recorded.</summary>
    public IReadOnlyList<MetricsEvent> Counted => new MetricsFolder(metrics).Read(DateTimeOffset.MinValue).Events;

    /// <summary>What the server recorded, once there are this many events: they are written after the answers that cause them.</summary>
    public async Task<IReadOnlyList<MetricsEvent>> CountedAsync(int count)
    {
        for (long from = Environment.TickCount64; Counted.Count < count && Environment.TickCount64 - from < Patience.TotalMilliseconds;) await Task.Delay(5);
        return Counted;
    }

    /// <summary>The client's answer to a request for its settings.</summary>
    public object? Settings { get; set; }

    /// <summary>Edits that the server requested.</summary>
    public ConcurrentQueue<JsonElement> Edits { get; } = new();

    /// <summary>Waits until the server has requested another edit.</summary>
    public async Task EditAskedAsync() => Assert.True(await edits.WaitAsync(Patience), "no workspace/applyEdit");

    /// <summary>The client's answer to them.</summary>
    public object EditAnswer { get; set; } = new { applied = true };

    /// <summary>A task that the client waits for before it answers.</summary>
    public Task EditHold { get; set; } = Task.CompletedTask;

    /// <summary>The JSON without unnecessary escapes, to compare and to read.</summary>
    public static string Text(JsonElement json) => JsonSerializer.Serialize(json, Readable);

    public JsonElement[] Received(string method) => [.. received[method]];

    public Task<JsonElement> RequestAsync(string method, object? parameters, CancellationToken cancellation = default) =>
        rpc.InvokeWithParameterObjectAsync<JsonElement>(method, parameters, cancellation).WaitAsync(Patience, CancellationToken.None);

    public Task NotifyAsync(string method, object? parameters) => rpc.NotifyWithParameterObjectAsync(method, parameters);

    /// <summary>initialize and initialized; no debounce.</summary>
    public async Task<JsonElement> StartAsync(object? capabilities = null, object? options = null, string root = "file:///w")
    {
        JsonElement result = await RequestAsync("initialize", new
        {
            processId = (int?)null, capabilities = capabilities ?? new { }, initializationOptions = options ?? new { debounceMs = 0, prefetch = false }, rootUri = root,
        });
        await NotifyAsync("initialized", new { });
        return result;
    }

    /// <summary>Opens (or replaces) the document and requests ghost text at the drawn cursor.</summary>
    public async Task<JsonElement> CompleteAsync(string drawn, int triggerKind = 2, string method = "textDocument/inlineCompletion", CancellationToken cancellation = default)
    {
        (string text, int offset) = Cursor.Split(drawn);
        await OpenAsync(text);
        string[] before = text[..offset].Split('\n');
        return await RequestAsync(method, At(before.Length - 1, before[^1].Length, triggerKind), cancellation);
    }

    public Task OpenAsync(string text) =>
        NotifyAsync("textDocument/didOpen", new { textDocument = new { uri = Uri, languageId = "typescript", version = 1, text } });

    public static object At(int line, int character, int triggerKind = 2) =>
        new { textDocument = new { uri = Uri }, position = new { line, character }, context = new { triggerKind } };

    /// <summary>Waits until a notification matches.</summary>
    /// <param name="last">Only the latest counts.</param>
    public async Task<JsonElement> UntilAsync(string method, Func<JsonElement, bool> fits, bool last = false)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested)
        {
            foreach (JsonElement message in last ? received[method].TakeLast(1) : received[method])
                if (fits(message)) return message;
            await Task.Delay(5);
        }
        throw new TimeoutException($"no {method} that fits; received: {string.Join(' ', received[method])}");
    }

    public async ValueTask DisposeAsync()
    {
        rpc.Dispose();
        await ExitCode.WaitAsync(Patience);
        Directory.Delete(metrics, recursive: true);
    }

    private void AddSink(string method)
    {
        var sink = new Sink(received[method], () => method == Refused);
        rpc.AddLocalRpcMethod(((Delegate)sink.Take).Method, sink, new JsonRpcMethodAttribute(method) { UseSingleObjectParameterDeserialization = true });
    }

    private async Task<object> ApplyEdit(JsonElement parameters)
    {
        Edits.Enqueue(parameters);
        edits.Release();
        await EditHold;
        return EditAnswer;
    }

    private object?[] Configuration(JsonElement parameters) => [Settings];

    private sealed class Sink(ConcurrentQueue<JsonElement> queue, Func<bool> refuses)
    {
        public void Take(JsonElement parameters)
        {
            queue.Enqueue(parameters);
            if (refuses()) throw new LocalRpcException("no");
        }
    }
}
