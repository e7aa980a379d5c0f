using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Serve;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>A server on a free loopback port, started as by the command line, and requests to it.</summary>
internal sealed class RunningServe : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private readonly TaskCompletionSource<ListeningAddresses> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningServe(LoadEngine load, ServeOptions options, EngineOptions engine)
    {
        options = options with { Listen = new IPEndPoint(IPAddress.Loopback, 0), DrainDelay = TimeSpan.Zero };
        var host = new ServeHost(options, engine, new DecodeOptions(), Logger.None) { Load = load, Listening = listening.SetResult };
        running = Task.Run(() => host.RunAsync(stop.Token));
    }

    public HttpClient Http { get; } = new();

    /// <summary>The addresses it listens on.</summary>
    public ListeningAddresses Addresses => listening.Task.Result;

    /// <summary>Starts a server and waits until its model is loaded.</summary>
    public static async Task<RunningServe> StartAsync(LoadEngine load, ServeOptions? options = null, EngineOptions? engine = null)
    {
        var serve = new RunningServe(load, options ?? new ServeOptions(), engine ?? new EngineOptions { Device = "cpu", Threads = 1 });
        if (await Task.WhenAny(serve.listening.Task, serve.running) == serve.running) await serve.running;
        serve.Http.BaseAddress = new Uri(serve.Addresses.Main);
        while ((await serve.Http.GetAsync(new Uri("/health", UriKind.Relative))).StatusCode is not HttpStatusCode.OK) await Task.Delay(20);
        return serve;
    }

    /// <summary>Posts JSON.</summary>
    /// <param name="headers">Names and values.</param>
    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        foreach ((string name, string value) in headers) request.Headers.Add(name, value);
        using HttpResponseMessage answer = await Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        Http.Dispose();
        stop.Dispose();
    }
}
