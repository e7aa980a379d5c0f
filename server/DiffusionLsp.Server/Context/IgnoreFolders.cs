using System.Collections.Concurrent;
using System.Security;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// The ignore files of one name (such as <c>.gitignore</c>) between a workspace's root and a file, with git's precedence:
/// the nearest file decides, and nothing re-includes what is in an ignored folder. Files are reread when they change, at most
/// every half second. An ignore file that cannot be read might ignore anything, so everything below it counts as ignored.
/// </summary>
/// <param name="changed">Called when a file was read whose contents have changed.</param>
internal sealed class IgnoreFolders(string fileName, TimeProvider time, Action? changed = null)
{
    private const int MostFolders = 4_096;
    private const int LargestFile = 1 << 20;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(0.5);

    private static readonly IgnoreFile Everything = new(["*"]);

    private readonly ConcurrentDictionary<string, Entry> folders = new();

    /// <summary>The pattern that ignores a file; null: none does.</summary>
    /// <param name="root">Full path of the workspace folder.</param>
    /// <param name="path">The file, relative to the root, with forward slashes.</param>
    public IgnorePattern? Ignores(string root, string path)
    {
        // Folder by folder from the top: an ignored folder decides for everything in it.
        for (int end = path.IndexOf('/'); ; end = path.IndexOf('/', end + 1))
        {
            bool isFolder = end >= 0;
            IgnorePattern? decides = Decides(root, isFolder ? path[..end] : path, isFolder);
            if (decides is { TakesBack: false }) return decides;
            if (!isFolder) return null;
        }
    }

    private IgnorePattern? Decides(string root, string path, bool isFolder)
    {
        for (int slash = path.LastIndexOf('/'); ; slash = path.LastIndexOf('/', slash - 1))
        {
            string folder = slash < 0 ? root : Path.Combine(root, path[..slash]);
            if (FileIn(folder).Decides(path[(slash + 1)..], isFolder) is { } pattern) return pattern;
            if (slash <= 0) return null;
        }
    }

    private IgnoreFile FileIn(string folder)
    {
        if (folders.TryGetValue(folder, out Entry? known) && time.GetElapsedTime(known.Looked) < Freshness) return known.File;
        Entry now = Look(folder, known);
        if (folders.Count >= MostFolders) folders.Clear();
        folders[folder] = now;
        if (known is not null && !ReferenceEquals(known.File, now.File)) changed?.Invoke();
        return now.File;
    }

    private Entry Look(string folder, Entry? known)
    {
        long looked = time.GetTimestamp();
        try
        {
            var info = new FileInfo(Path.Combine(folder, fileName));
            (DateTime, long) stamp = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
            return new Entry(known is not null && known.Stamp == stamp ? known.File : Read(info), stamp, looked);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException)
        {
            return new Entry(Everything, null, looked);
        }
    }

    private static IgnoreFile Read(FileInfo file) => file.Exists
        ? new IgnoreFile(RegularFile.ReadText(file.FullName, LargestFile).Split('\n').Select(line => line.TrimEnd('\r')))
        : IgnoreFile.Empty;

    private sealed record Entry(IgnoreFile File, (DateTime, long)? Stamp, long Looked);
}
