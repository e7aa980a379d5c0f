using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Metrics;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Every folder that DiffusionLsp writes to, and its size. The cache's contents are recreated automatically or by a command; what was
/// learned and counted is not.
/// </summary>
/// <param name="Name">Its contents, in a word or two.</param>
/// <param name="Path">The folder.</param>
/// <param name="IsCache">Whether its contents can be recreated.</param>
internal sealed record OwnFolder(string Name, string Path, bool IsCache)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<OwnFolder> All { get; } = Of(CacheFolders.Root, MetricsFolder.Default.Path);

    /// <summary>The folders below a cache folder and a data folder.</summary>
    internal static IReadOnlyList<OwnFolder> Of(string cache, string data) =>
    [
        new("libtorch", System.IO.Path.Combine(cache, "libtorch"), true),
        new("models", System.IO.Path.Combine(cache, "models"), true),
        new("native", System.IO.Path.Combine(cache, "native"), true),
        new("logs", System.IO.Path.Combine(cache, "logs"), true),
        new("metrics", data, false), // on Windows and macOS this folder contains the others
    ];

    /// <summary>Bytes of its files; links are not followed, and unreadable files count 0.</summary>
    public long Bytes() => !Directory.Exists(Path) ? 0 : new DirectoryInfo(Path)
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = IsCache, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }).Sum(file => file.Length);

    /// <summary>For example "libtorch 463.0 MB".</summary>
    public string Describe() => FormattableString.Invariant($"{Name} {Megabytes(Bytes())}");

    public static string Megabytes(long bytes) => bytes == 0 ? "empty" : FormattableString.Invariant($"{bytes / 1e6:0.0} MB");

    /// <summary>Removes the folder with its contents. If it is a link, only the link is removed.</summary>
    public void Remove()
    {
        if (!Directory.Exists(Path)) return;
        if (new DirectoryInfo(Path).LinkTarget is not null) Directory.Delete(Path);
        else if (IsCache) Directory.Delete(Path, recursive: true);
        else foreach (string file in Directory.EnumerateFiles(Path)) File.Delete(file);
        if (Directory.Exists(Path) && !Directory.EnumerateFileSystemEntries(Path).Any()) Directory.Delete(Path);
    }
}
