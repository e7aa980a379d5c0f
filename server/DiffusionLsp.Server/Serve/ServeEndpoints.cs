using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Serve.Dialects;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Serilog;

namespace DiffusionLsp.Server.Serve;

/// <summary>
/// Handles a request from its head to its answer: guard, dialect, decode, dialect. Every failure becomes one sentence in the form of the
/// client's dialect. It logs time, name, endpoint, sizes and outcome, never code.
/// </summary>
internal sealed class ServeEndpoints(RequestGuard guard, HoleFiller filler, ModelHost models, ServeMetrics metrics, Func<ServedModel> served, TimeProvider time, ILogger log)
{
    private const int MostDepth = 16;
    private const int Cancelled = 499; // nginx's status for closed requests; no client reads it

    private static readonly Dictionary<string, IDialect> Dialects = DialectTable.All.SelectMany(d => d.Paths, (dialect, path) => (dialect, path)).ToDictionary(row => row.path, row => row.dialect);
    private static readonly IDialect Plain = DialectTable.All[0], Ollama = DialectTable.All.First(d => d is OllamaDialect);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostDepth };

    /// <summary>Whether the server is about to stop, so that routers should send no more requests.</summary>
    public bool IsDraining { get; set; }

    public async Task AnswerAsync(HttpContext context)
    {
        long arrived = time.GetTimestamp();
        string path = context.Request.Path.Value ?? "/";
        IDialect dialect = Dialects.GetValueOrDefault(path) ?? (path.StartsWith("/api/", StringComparison.Ordinal) ? Ollama : Plain);
        string owner = "-";
        int status;
        try
        {
            status = await RouteAsync(context, path, arrived, name => owner = name).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested || e is BodyCutException or ConnectionResetException)
        {
            _ = e; // whatever it was, the client has left
            status = Cancelled;
        }
        catch (Exception e)
        {
            ServeError error = Error(e);
            status = error.Status;
            await RefuseAsync(context, dialect, error).ConfigureAwait(false);
        }
        Note(path, owner, status, context, time.GetElapsedTime(arrived));
    }

    private async Task<int> RouteAsync(HttpContext context, string path, long arrived, Action<string> named)
    {
        bool isForMetrics = context.Features.Get<MetricsConnection>() is not null;
        guard.CheckPlace(context.Request, anyAddress: isForMetrics);
        if (isForMetrics) return path is "/metrics" ? await MetricsAsync(context).ConfigureAwait(false) : throw new ServeError(404, "This address serves only /metrics.");
        if (path is "/live" or "/") return await WriteAsync(context, 200, new JsonObject { ["status"] = "ok" }).ConfigureAwait(false);
        if (path is "/health" or "/v1/health") return await HealthAsync(context).ConfigureAwait(false);
        string owner = guard.CheckKey(context.Request);
        named(owner);
        if (path is "/metrics") return await MetricsAsync(context).ConfigureAwait(false);
        if (Listings.All.TryGetValue(path, out Func<ServedModel, JsonObject>? listing)) return await WriteAsync(context, 200, listing(served())).ConfigureAwait(false);
        if (!Dialects.TryGetValue(path, out IDialect? dialect)) throw new ServeError(404, "There is no such path; see docs/SERVING.md for the list.");
        if (!HttpMethods.IsPost(context.Request.Method)) throw new ServeError(405, "This path accepts only POST.");
        return await FillAsync(context, dialect, guard.Session(context.Request, owner), arrived).ConfigureAwait(false);
    }

    private async Task<int> FillAsync(HttpContext context, IDialect dialect, string session, long arrived)
    {
        if (!context.Request.HasJsonContentType()) throw new ServeError(415, "The body must be JSON, with the header 'Content-Type: application/json'.");
        ServeRequest request = dialect.Read(await BodyAsync(context).ConfigureAwait(false));
        ServeAnswer answer = await filler.FillAsync(request, session, arrived, context.RequestAborted).ConfigureAwait(false);
        if (!request.Stream) return await WriteAsync(context, 200, dialect.Write(request, answer)).ConfigureAwait(false);
        context.Response.ContentType = dialect.StreamType;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        foreach (string piece in dialect.Stream(request, answer))
        {
            await context.Response.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        return 200;
    }

    private static async Task<RequestFields> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > ServeApp.MostBodyBytes) throw TooLarge;
        using var bytes = new MemoryStream();
        byte[] piece = new byte[16 << 10];
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(piece, context.RequestAborted).ConfigureAwait(false)) > 0; bytes.Write(piece, 0, read))
                if (bytes.Length + read > ServeApp.MostBodyBytes) throw TooLarge;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == 400 && bytes.Length < context.Request.ContentLength)
        {
            throw new BodyCutException();
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.ToArray(), Strict);
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind is JsonValueKind.Object ? new RequestFields(root) : throw new ServeError(400, "The body must be a JSON object.");
        }
        catch (JsonException)
        {
            throw new ServeError(400, $"The body is not valid JSON in UTF-8, or is nested deeper than {MostDepth} levels.");
        }
    }

    private async Task<int> HealthAsync(HttpContext context)
    {
        if (!IsDraining && models.Status.State is ModelState.Ready or ModelState.Unloaded) return await WriteAsync(context, 200, new JsonObject { ["status"] = "ok" }).ConfigureAwait(false);
        throw new ServeError(503, IsDraining ? "Draining" : models.Status.State is ModelState.Error ? models.Status.Message : "Loading model");
    }

    private async Task<int> MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await metrics.WriteAsync(context.Response.Body, filler.Load, context.RequestAborted).ConfigureAwait(false);
        return 200;
    }

    private static ServeError TooLarge => new(413, $"The body is larger than {ServeApp.MostBodyBytes >> 20} MiB; send less context.");

    private static ServeError Error(Exception exception) => exception switch
    {
        ServeError error => error,
        BadHttpRequestException { StatusCode: 408 } => new ServeError(408, "The body arrived too slowly; send it without delay."),
        BadHttpRequestException bad => new ServeError(bad.StatusCode, "The request is not valid HTTP."),
        _ => new ServeError(500, $"Unexpected failure ({exception.GetType().Name}); the server's log has the details."),
    };

    private async Task RefuseAsync(HttpContext context, IDialect dialect, ServeError error)
    {
        if (error.Status == 500) log.Error("a request failed: {Kind:l}", error.Message);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        if (error.Status is 429 or 503) context.Response.Headers.RetryAfter = "1";
        await WriteAsync(context, error.Status, dialect.Refuse(error)).ConfigureAwait(false);
    }

    private static async Task<int> WriteAsync(HttpContext context, int status, JsonObject body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(DialectTable.Line(body));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return status;
    }

    private void Note(string path, string owner, int status, HttpContext context, TimeSpan elapsed)
    {
        if (!Dialects.TryGetValue(path, out IDialect? dialect)) return;
        string outcome = status == Cancelled ? "cancelled" : status.ToString(CultureInfo.InvariantCulture);
        metrics.Answered(dialect.Paths[0], outcome, elapsed);
        log.Information("{Endpoint:l} by {Owner:l}: {Outcome:l}, {Bytes} bytes, {Milliseconds:0.0} ms", dialect.Paths[0], owner, outcome, context.Request.ContentLength ?? 0, elapsed.TotalMilliseconds);
    }

    /// <summary>The client disconnected in the middle of its body: Kestrel reports the missing rest before the closed connection.</summary>
    private sealed class BodyCutException : Exception;
}
