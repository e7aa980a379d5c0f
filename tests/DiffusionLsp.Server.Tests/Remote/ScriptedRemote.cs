using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>A server that answers and fails as scripted, over real sockets. It records everything that it receives.</summary>
internal sealed class ScriptedRemote : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Sent> received = new();

    private ScriptedRemote(Func<HttpContext, string, Task> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            received.Enqueue(new Sent(context.Request.Method, context.Request.Path, body, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString())));
            await (Answer ?? answer)(context, body);
        });
    }

    public string Url => app.Urls.First();

    public IReadOnlyList<Sent> Received => [.. received];

    /// <summary>Replaces the answers that it was created with.</summary>
    public Func<HttpContext, string, Task>? Answer { get; set; }

    public static async Task<ScriptedRemote> StartAsync(Func<HttpContext, string, Task> answer)
    {
        var remote = new ScriptedRemote(answer);
        await remote.app.StartAsync();
        return remote;
    }

    /// <summary>A server with answers by path, and 404 for other paths.</summary>
    public static Task<ScriptedRemote> StartAsync(params (string Path, string Json)[] answers) => StartAsync((context, _) =>
        answers.FirstOrDefault(a => a.Path == context.Request.Path) is { Json: { } json } ? JsonAsync(context, json) : JsonAsync(context, """{"error":{"message":"File Not Found"}}""", 404));

    public static Task JsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    /// <summary>Server-sent events, one by one.</summary>
    public static async Task EventsAsync(HttpContext context, params string[] events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (string data in events)
        {
            await context.Response.WriteAsync($"data: {data}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    /// <summary>A request as received.</summary>
    internal sealed record Sent(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);
}
