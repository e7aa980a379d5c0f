using System.IO.Compression;
using System.Security.Cryptography;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Brings a package of libtorch from the first feed that has it, takes out what is needed, and compares each file with its checksum.
/// The folder gets its name when all of it is right. It loads nothing.
/// </summary>
/// <param name="root">The folder that holds fetched packages; each has one of its own there.</param>
internal sealed class LibtorchDownload(HttpClient http, LibtorchPackage package, string root, Patience patience, TimeSpan firstDelay)
{
    private readonly FileDownload download = new(firstDelay, patience);

    private string Folder => Path.Combine(root, Path.GetFileName(package.Folder));

    private string Archive { get; } = Path.Combine(root, $"{package.Id}.{LibtorchPackage.Version}.nupkg");

    /// <summary>Downloads and unpacks it, unless it is there and right.</summary>
    /// <param name="progress">Told how many bytes are there, of how many.</param>
    /// <returns>The folder of the libraries, and how many bytes came over the network.</returns>
    /// <exception cref="UserException">No feed has it, the disk is too small, or what came is not what was expected.</exception>
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
                // Their licence asks for that.
                archive.GetEntry("LICENSE-LIBTORCH.txt")?.ExtractToFile(Path.Combine(unfinished, "LICENSE-LIBTORCH.txt"));
            }
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true); // damaged, or it would have been taken
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
            throw Damaged("it is no archive");
        }
    }

    private void Extract(ZipArchive archive, LibtorchFile file, string path)
    {
        ZipArchiveEntry entry = archive.GetEntry($"runtimes/{package.Platform}/native/{file.Name}") ?? throw Damaged($"{file.Name} is missing");
        // Before it is unpacked: what says that it is longer may be endless.
        if (entry.Length != file.Bytes) throw Damaged($"{file.Name} has {entry.Length} bytes instead of {file.Bytes}");
        try
        {
            entry.ExtractToFile(path);
        }
        catch (InvalidDataException)
        {
            throw Damaged($"{file.Name} cannot be unpacked");
        }
        if (!Matches(path, file)) throw Damaged($"the checksum of {file.Name} is wrong");
    }

    /// <summary>What came is thrown away, so that the next run takes it anew.</summary>
    private UserException Damaged(string how)
    {
        File.Delete(Archive);
        return new UserException($"{package.Id} {LibtorchPackage.Version} arrived damaged ({how}) and was thrown away; run the command again, or name another feed with --source.");
    }

    private static bool Matches(string path, LibtorchFile file)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != file.Bytes) return false;
        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == file.Sha256;
    }

    /// <summary>The package and its content lie there side by side for a moment.</summary>
    private void RequireSpace()
    {
        long needed = package.Files.Sum(file => file.Bytes) * 4 / 3, free = new DriveInfo(Path.GetFullPath(root)).AvailableFreeSpace;
        if (needed > free)
            throw new UserException(FormattableString.Invariant($"libtorch needs {needed / 1e9:0.0} GB on disk while it is unpacked, but {free / 1e9:0.0} GB are free in '{root}'; make room, or set XDG_CACHE_HOME to a folder elsewhere."));
    }
}
