using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Metrics;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Every folder that DiffusionLsp writes to, and how much lies in it. What is removed from the cache comes back by itself or by a command;
/// what was learned and counted does not.
/// </summary>
/// <param name="Name">What is in it, in a word or two.</param>
/// <param name="Path">The folder.</param>
/// <param name="IsCache">Whether it can be had again.</param>
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
        new("metrics", data, false), // on Windows and macOS the folder around the others
    ];

    /// <summary>Bytes of the files in it; links are not followed, and what cannot be read counts nothing.</summary>
    public long Bytes() => !Directory.Exists(Path) ? 0 : new DirectoryInfo(Path)
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = IsCache, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }).Sum(file => file.Length);

    /// <summary>As in "libtorch 463.0 MB".</summary>
    public string Describe() => FormattableString.Invariant($"{Name} {Megabytes(Bytes())}");

    public static string Megabytes(long bytes) => bytes == 0 ? "empty" : FormattableString.Invariant($"{bytes / 1e6:0.0} MB");

    /// <summary>Removes it with everything in it. A link in its place is removed, and what it leads to stays.</summary>
    public void Remove()
    {
        if (!Directory.Exists(Path)) return;
        if (new DirectoryInfo(Path).LinkTarget is not null) Directory.Delete(Path);
        else if (IsCache) Directory.Delete(Path, recursive: true);
        else foreach (string file in Directory.EnumerateFiles(Path)) File.Delete(file);
        if (Directory.Exists(Path) && !Directory.EnumerateFileSystemEntries(Path).Any()) Directory.Delete(Path);
    }
}
