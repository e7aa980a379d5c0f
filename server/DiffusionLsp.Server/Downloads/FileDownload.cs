using System.Net;
using Polly;
using Polly.Retry;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Brings one file over HTTP: what was begun is continued, and interrupted connections are tried again; errors of the disk are not.
/// It does not know what the file holds, and checks no checksum.
/// </summary>
/// <param name="firstDelay">Wait before the first repetition; later ones double it.</param>
/// <param name="patience">How long the other side may be silent.</param>
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

    /// <summary>Does one thing with the network, and does it again when that may help.</summary>
    public async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        await pipeline.ExecuteAsync(async token => await work(token).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>Downloads what is missing of a file.</summary>
    /// <param name="get">Asks for the file from an offset on; the answer may begin at 0 all the same.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="partial">The path that it has until it is whole; stays when the download fails.</param>
    /// <param name="bytes">The file's length; null: what the other side says.</param>
    /// <param name="progress">Told how many bytes are there, of how many.</param>
    /// <returns>How many bytes came over the network.</returns>
    /// <exception cref="UserException">More comes than the file is long.</exception>
    /// <exception cref="HttpRequestException">The other side cannot be reached, refuses, or broke off too often.</exception>
    public async Task<long> FetchAsync(Func<long, CancellationToken, Task<HttpResponseMessage>> get, string name, string partial, long? bytes, Action<long, long> progress, CancellationToken cancellation)
    {
        long fetched = 0;
        await pipeline.ExecuteAsync(async token => fetched += await ContinueAsync(get, name, partial, bytes, progress, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return fetched;
    }

    /// <summary>One connection: appends what it gives.</summary>
    private async Task<long> ContinueAsync(Func<long, CancellationToken, Task<HttpResponseMessage>> get, string name, string partial, long? bytes, Action<long, long> progress, CancellationToken cancellation)
    {
        await using FileStream target = OpenOwn(partial);
        if (target.Length > bytes) target.SetLength(0);
        if (target.Length == bytes) return 0;
        using HttpResponseMessage response = await get(target.Length, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable) target.SetLength(0);
        response.EnsureSuccessStatusCode();
        // A server that knows no ranges sends everything.
        if (response.StatusCode is not HttpStatusCode.PartialContent) target.SetLength(0);
        long start = target.Seek(0, SeekOrigin.End);
        long all = bytes ?? start + (response.Content.Headers.ContentLength ?? throw new HttpRequestException($"the length of '{name}' is not told"));
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 20];
        int count;
        while ((count = await patience.WaitAsync(token => body.ReadAsync(buffer, token), cancellation).ConfigureAwait(false)) > 0)
        {
            if (target.Length + count > all) throw new UserException($"The other side sends more of '{name}' than it says it has ({all} bytes); run the command again later.");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress(target.Length, all);
        }
        return target.Length == all ? target.Length - start : throw new HttpRequestException($"the connection ended after {target.Length} of {all} bytes of '{name}'");
    }

    /// <summary>Opens a file of our own. What has its name and is none, such as a link to another place, is removed and not written through.</summary>
    private static FileStream OpenOwn(string path)
    {
        if (new FileInfo(path).LinkTarget is not null) File.Delete(path);
        FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read); // reading too, because a FIFO that is only written waits for a reader
        FileStream file = Open();
        if (file.CanSeek) return file;
        file.Dispose();
        File.Delete(path);
        return Open();
    }

    /// <summary>Whether trying again may help: the other side is busy, or there was no answer.</summary>
    private static bool IsPassing(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestedRangeNotSatisfiable or >= HttpStatusCode.InternalServerError;
}
