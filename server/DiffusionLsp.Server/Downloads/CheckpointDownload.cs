using System.Security.Cryptography;
using System.Text;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Brings a repository's files into a folder: what is there and right is kept, what was begun is continued, and nothing takes its
/// name before its checksum is right. It knows no hub's way of listing.
/// </summary>
/// <param name="firstDelay">Wait before the first repetition; later ones double it.</param>
internal sealed class CheckpointDownload(HubClient hub, TimeSpan firstDelay)
{
    private const string Partial = ".partial";

    private readonly FileDownload download = new(firstDelay, hub.Patience);

    /// <summary>Downloads what is missing.</summary>
    /// <param name="progress">Told how many bytes are there, of how many.</param>
    /// <returns>How many bytes came over the network.</returns>
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
            throw new UserException($"'{file.Name}' of {repository} arrived damaged (its checksum is wrong) and was thrown away; run the command again.");
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
}
