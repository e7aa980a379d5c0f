using System.IO.Compression;
using System.Security.Cryptography;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Downloads a libtorch package from the first feed that has it, extracts the needed files, and verifies the checksum of each.
/// The folder gets its final name only when all are verified. It loads nothing.
/// </summary>
/// <param name="root">The folder of downloaded packages; each has its own subfolder.</param>
internal sealed class LibtorchDownload(HttpClient http, LibtorchPackage package, string root, Patience patience, TimeSpan firstDelay)
{
    private readonly FileDownload download = new(firstDelay, patience);

    private string Folder => Path.Combine(root, Path.GetFileName(package.Folder));

    private string Archive { get; } = Path.Combine(root, $"{package.Id}.{LibtorchPackage.Version}.nupkg");

    /// <summary>Downloads and extracts the package, unless it is present and intact.</summary>
    /// <param name="progress">Called with the number of bytes present, and the total.</param>
    /// <returns>The folder of the libraries, and the number of bytes downloaded.</returns>
    /// <exception cref="UserException">No feed has it, disk space is short, or the files are not the expected ones.</exception>
    public async Task<(string Folder, long Fetched)> RunAsync(IReadOnlyList<NugetSource> sources, Action<long, long> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(root);
        if (package.Files.All(file => Matches(Path.Combine(Folder, file.Name), file))) return (Folder, 0);
        RequireSpace();
        long fetched = File.Exists(Archive) ? 0 : await FetchAsync(sources, progress, cancellation).ConfigureAwait(false);
        Unpack();
        return (Folder, fetched);
    }

    private async Task<long> FetchAsync(IReadOnlyList<NugetSource> sources, Action<long, long> progress, CancellationToken cancellation)
    {
        var refusals = new List<string>();
        foreach (NugetSource source in sources)
        {
            try
            {
                var client = new NugetClient(http, source, patience);
                Uri address = await download.RepeatAsync(token => client.LocateAsync(package.Id, LibtorchPackage.Version, token), cancellation).ConfigureAwait(false);
                long fetched = await download.FetchAsync((from, token) => client.SendAsync(address, from, token), Path.GetFileName(Archive), Archive + ".partial", null, progress, cancellation).ConfigureAwait(false);
                File.Move(Archive + ".partial", Archive, overwrite: true);
                return fetched;
            }
            catch (Exception e) when (e is HttpRequestException or FormatException)
            {
                refusals.Add($"{source.Address.Host}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}");
            }
        }
        throw new UserException($"{package.Id} {LibtorchPackage.Version} could not be downloaded ({string.Join("; ", refusals)}); check the network or name a feed with --source, and run the command again: it continues where it stopped.");
    }

    private void Unpack()
    {
        string unfinished = Path.Combine(root, $"{Path.GetFileName(Folder)}.{Path.GetRandomFileName()}.unfinished");
        try
        {
            Directory.CreateDirectory(unfinished);
            using (ZipArchive archive = Open())
            {
                foreach (LibtorchFile file in package.Files) Extract(archive, file, Path.Combine(unfinished, file.Name));
                // The licence requires a copy of itself.
                archive.GetEntry("LICENSE-LIBTORCH.txt")?.ExtractToFile(Path.Combine(unfinished, "LICENSE-LIBTORCH.txt"));
            }
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true); // damaged, or it would have been used
            Directory.Move(unfinished, Folder);
            File.Delete(Archive);
        }
        finally
        {
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        }
    }

    private ZipArchive Open()
    {
        try
        {
            return ZipFile.OpenRead(Archive);
        }
        catch (InvalidDataException)
        {
            throw Damaged("it is not an archive");
        }
    }

    private void Extract(ZipArchive archive, LibtorchFile file, string path)
    {
        ZipArchiveEntry entry = archive.GetEntry($"runtimes/{package.Platform}/native/{file.Name}") ?? throw Damaged($"{file.Name} is missing");
        // Before extraction: an entry that claims to be longer might never end.
        if (entry.Length != file.Bytes) throw Damaged($"{file.Name} is {entry.Length} bytes long instead of {file.Bytes}");
        try
        {
            entry.ExtractToFile(path);
        }
        catch (InvalidDataException)
        {
            throw Damaged($"{file.Name} cannot be extracted");
        }
        if (!Matches(path, file)) throw Damaged($"the checksum of {file.Name} is wrong");
    }

    /// <summary>Deletes the download, so that the next run starts again.</summary>
    private UserException Damaged(string how)
    {
        File.Delete(Archive);
        return new UserException($"{package.Id} {LibtorchPackage.Version} was damaged in transfer ({how}) and was deleted; run the command again, or name another feed with --source.");
    }

    private static bool Matches(string path, LibtorchFile file)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != file.Bytes) return false;
        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == file.Sha256;
    }

    /// <summary>The package and its extracted files exist side by side for a moment.</summary>
    private void RequireSpace()
    {
        long needed = package.Files.Sum(file => file.Bytes) * 4 / 3, free = new DriveInfo(Path.GetFullPath(root)).AvailableFreeSpace;
        if (needed > free)
            throw new UserException(FormattableString.Invariant($"libtorch needs {needed / 1e9:0.0} GB on disk during extraction, but {free / 1e9:0.0} GB are free in '{root}'; free up space, or set XDG_CACHE_HOME to a folder on another disk."));
    }
}
