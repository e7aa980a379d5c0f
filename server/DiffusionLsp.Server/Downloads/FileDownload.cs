using System.Net;
using Polly;
using Polly.Retry;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Downloads one file over HTTP: partial downloads are resumed, and broken connections are retried, but not disk errors.
/// It does not interpret the file and checks no checksum.
/// </summary>
/// <param name="firstDelay">Delay before the first retry; later ones double it.</param>
/// <param name="patience">How long the server may be silent.</param>
internal sealed class FileDownload(TimeSpan firstDelay, Patience patience)
{
    private const int Repetitions = 6;

    private readonly ResiliencePipeline pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(IsPassing),
            MaxRetryAttempts = Repetitions, Delay = firstDelay, BackoffType = DelayBackoffType.Exponential, UseJitter = firstDelay > TimeSpan.Zero,
        })
        .Build();

    /// <summary>Runs a network operation, and retries it if that may help.</summary>
    public async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        await pipeline.ExecuteAsync(async token => await work(token).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>Downloads the missing part of a file.</summary>
    /// <param name="get">Requests the file from an offset on; the response may start at 0 all the same.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="partial">Its path until it is complete; the partial file remains if the download fails.</param>
    /// <param name="bytes">The file's length; null: as the server states.</param>
    /// <param name="progress">Called with the number of bytes present, and the total.</param>
    /// <returns>Number of bytes downloaded.</returns>
    /// <exception cref="UserException">The server sends more than the file's length.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached, rejects the request, or disconnected too often.</exception>
    public async Task<long> FetchAsync(Func<long, CancellationToken, Task<HttpResponseMessage>> get, string name, string partial, long? bytes, Action<long, long> progress, CancellationToken cancellation)
    {
        long fetched = 0;
        await pipeline.ExecuteAsync(async token => fetched += await ContinueAsync(get, name, partial, bytes, progress, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return fetched;
    }

    /// <summary>One connection: appends what it delivers.</summary>
    private async Task<long> ContinueAsync(Func<long, CancellationToken, Task<HttpResponseMessage>> get, string name, string partial, long? bytes, Action<long, long> progress, CancellationToken cancellation)
    {
        await using FileStream target = OpenOwn(partial);
        if (target.Length > bytes) target.SetLength(0);
        if (target.Length == bytes) return 0;
        using HttpResponseMessage response = await get(target.Length, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable) target.SetLength(0);
        response.EnsureSuccessStatusCode();
        // A server that does not support ranges sends the whole file.
        if (response.StatusCode is not HttpStatusCode.PartialContent) target.SetLength(0);
        long start = target.Seek(0, SeekOrigin.End);
        long all = bytes ?? start + (response.Content.Headers.ContentLength ?? throw new HttpRequestException($"the server does not state the length of '{name}'"));
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 20];
        int count;
        while ((count = await patience.WaitAsync(token => body.ReadAsync(buffer, token), cancellation).ConfigureAwait(false)) > 0)
        {
            if (target.Length + count > all) throw new UserException($"The server sent more than the stated {all} bytes of '{name}'; run the command again later.");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress(target.Length, all);
        }
        return target.Length == all ? target.Length - start : throw new HttpRequestException($"the connection ended after {target.Length} of {all} bytes of '{name}'");
    }

    /// <summary>Opens a file of our own. Anything else with its name, such as a link, is removed rather than written through.</summary>
    private static FileStream OpenOwn(string path)
    {
        if (new FileInfo(path).LinkTarget is not null) File.Delete(path);
        FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read); // for reading too: a FIFO opened only for writing blocks until there is a reader
        FileStream file = Open();
        if (file.CanSeek) return file;
        file.Dispose();
        File.Delete(path);
        return Open();
    }

    /// <summary>Whether a retry may help: the server is busy, or did not answer.</summary>
    private static bool IsPassing(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestedRangeNotSatisfiable or >= HttpStatusCode.InternalServerError;
}
