using System.Net;
using System.Security.Cryptography;
using System.Text;
using Polly;
using Polly.Retry;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Brings a repository's files into a folder: what is there and right is kept, what was begun is continued, and nothing takes its
/// name before its checksum is right. Interrupted connections are tried again; errors of the disk are not. It knows no hub's way of listing.
/// </summary>
/// <param name="firstDelay">Wait before the first repetition; later ones double it.</param>
internal sealed class CheckpointDownload(HubClient hub, TimeSpan firstDelay)
{
    private const int Repetitions = 6;
    private const string Partial = ".partial";

    private readonly ResiliencePipeline patience = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(IsPassing),
            MaxRetryAttempts = Repetitions, Delay = firstDelay, BackoffType = DelayBackoffType.Exponential, UseJitter = firstDelay > TimeSpan.Zero,
        })
        .Build();

    /// <summary>Downloads what is missing.</summary>
    /// <param name="progress">Told how many bytes are there, of how many.</param>
    /// <returns>How many bytes came over the network.</returns>
    /// <exception cref="UserException">The repository, the connection, the disk or a checksum is at fault.</exception>
    public async Task<long> RunAsync(string repository, string folder, Action<long, long>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<HubFile> files = await patience.ExecuteAsync(async token => await hub.ListAsync(repository, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(folder);
        HubFile[] missing = [.. files.Where(f => !IsThere(folder, f))];
        long all = files.Sum(f => f.Bytes), done = all - missing.Sum(f => f.Bytes), fetched = 0;
        RequireSpace(folder, missing);
        foreach (HubFile file in missing)
        {
            long before = done;
            fetched += await FetchAsync(repository, folder, file, bytes => progress?.Invoke(before + bytes, all), cancellation).ConfigureAwait(false);
            done += file.Bytes;
        }
        return fetched;
    }

    private async Task<long> FetchAsync(string repository, string folder, HubFile file, Action<long> progress, CancellationToken cancellation)
    {
        string partial = Path.Combine(folder, file.Name + Partial);
        long fetched = 0;
        await patience.ExecuteAsync(async token => fetched += await ContinueAsync(repository, partial, file, progress, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        if (!Matches(partial, file))
        {
            File.Delete(partial);
            throw new UserException($"'{file.Name}' of {repository} arrived damaged (its checksum is wrong) and was thrown away; run the command again.");
        }
        File.Move(partial, Path.Combine(folder, file.Name), overwrite: true);
        return fetched;
    }

    /// <summary>One connection: appends what it gives.</summary>
    private async Task<long> ContinueAsync(string repository, string partial, HubFile file, Action<long> progress, CancellationToken cancellation)
    {
        await using FileStream target = OpenOwn(partial);
        if (target.Length > file.Bytes) target.SetLength(0);
        if (target.Length == file.Bytes) return 0;
        using HttpResponseMessage response = await hub.GetAsync(repository, file.Name, target.Length, cancellation).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable) target.SetLength(0);
        response.EnsureSuccessStatusCode();
        // A server that knows no ranges sends everything.
        if (response.StatusCode is not HttpStatusCode.PartialContent) target.SetLength(0);
        long start = target.Seek(0, SeekOrigin.End);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 20];
        int count;
        while ((count = await hub.ReadAsync(body, buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (target.Length + count > file.Bytes) throw new UserException($"The hub sends more of '{file.Name}' than it says it has ({file.Bytes} bytes); run the command again later.");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            progress(target.Length);
        }
        return target.Length == file.Bytes ? target.Length - start : throw new HttpRequestException($"the connection ended after {target.Length} of {file.Bytes} bytes of '{file.Name}'");
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

    private static bool IsThere(string folder, HubFile file)
    {
        string path = Path.Combine(folder, file.Name);
        return File.Exists(path) && new FileInfo(path).Length == file.Bytes && Matches(path, file);
    }

    private static bool Matches(string path, HubFile file)
    {
        using FileStream content = File.OpenRead(path);
        return file.Checksum switch
        {
            FileChecksum.Sha256(var hex) => Convert.ToHexStringLower(SHA256.HashData(content)) == hex.ToLowerInvariant(),
            FileChecksum.GitBlob(var hex) => GitName(content) == hex.ToLowerInvariant(),
            _ => false,
        };
    }

    private static string GitName(FileStream content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1); // git's, a name and no protection
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        var buffer = new byte[1 << 16];
        int count;
        while ((count = content.Read(buffer)) > 0) hash.AppendData(buffer.AsSpan(0, count));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void RequireSpace(string folder, HubFile[] missing)
    {
        long begun = missing.Select(f => new FileInfo(Path.Combine(folder, f.Name + Partial))).Where(f => f.Exists && f.LinkTarget is null).Sum(f => f.Length);
        long needed = missing.Sum(f => f.Bytes) - begun, free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (needed > free)
            throw new UserException(FormattableString.Invariant($"The model needs {needed / 1e9:0.0} GB on disk, but {free / 1e9:0.0} GB are free in '{folder}'; name another folder with --into."));
    }

    /// <summary>Whether trying again may help: the hub is busy, or there was no answer.</summary>
    private static bool IsPassing(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestedRangeNotSatisfiable or >= HttpStatusCode.InternalServerError;
}
