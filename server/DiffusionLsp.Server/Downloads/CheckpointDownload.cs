using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Downloads a repository's files into a folder: intact files are kept, interrupted downloads are resumed, and no file gets its
/// final name before its checksum is verified. It does not know how a hub lists files.
/// </summary>
/// <param name="firstDelay">Delay before the first retry; later ones double it.</param>
internal sealed class CheckpointDownload(HubClient hub, TimeSpan firstDelay)
{
    private const string Partial = ".partial";

    private readonly FileDownload download = new(firstDelay, hub.Patience);

    /// <summary>Downloads the missing files.</summary>
    /// <param name="progress">Called with the number of bytes present, and the total.</param>
    /// <returns>Number of bytes downloaded.</returns>
    /// <exception cref="UserException">The repository, the connection, the disk or a checksum is at fault.</exception>
    public async Task<long> RunAsync(string repository, string folder, Action<long, long>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<HubFile> files = await download.RepeatAsync(token => hub.ListAsync(repository, token), cancellation).ConfigureAwait(false);
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
        long fetched = await download.FetchAsync((from, token) => hub.GetAsync(repository, file.Name, from, token), file.Name, partial, file.Bytes, (done, _) => progress(done), cancellation).ConfigureAwait(false);
        if (!Matches(partial, file))
        {
            File.Delete(partial);
            throw new UserException($"'{file.Name}' of {repository} was damaged in transfer (its checksum is wrong) and was deleted; run the command again.");
        }
        File.Move(partial, Path.Combine(folder, file.Name), overwrite: true);
        return fetched;
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
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1); // git's: an identifier, not a protection
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
            throw new UserException(FormattableString.Invariant($"The model needs {needed / 1e9:0.0} GB on disk, but {free / 1e9:0.0} GB are free in '{folder}'; free up space or name another folder with --into."));
    }
}
