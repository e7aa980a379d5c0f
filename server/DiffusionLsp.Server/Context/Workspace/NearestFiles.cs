namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>The files around a file, nearest first: in its folder, below it, then in the parent folder and below that, up to the workspace's root. Reads no file.</summary>
internal static class NearestFiles
{
    /// <summary>Maximum number of folders listed.</summary>
    public const int MostFolders = 2_000;

    private static readonly HashSet<string> NotWrittenHere = new(StringComparer.OrdinalIgnoreCase)
    {
        "node_modules", "bower_components", "jspm_packages", "vendor", "third_party", "site-packages", "dist-packages", "venv", "__pycache__", "bin", "obj", "dist", "out", "target",
    };

    /// <summary>Lazily, each file once, in an order that depends only on the folders. Links, hidden folders and folders of packages and build outputs are skipped.</summary>
    /// <param name="extensions">Extensions to include, with their dots.</param>
    /// <param name="mayEnter">Called with the name of a file that could be in a folder, because patterns apply to files.</param>
    public static IEnumerable<WorkspaceFile> Of(WorkspaceFile file, IReadOnlyCollection<string> extensions, Func<WorkspaceFile, bool> mayEnter)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (string? start = Path.GetDirectoryName(file.FullPath); start is not null && file.Beside(Path.Combine(start, "a")) is not null; start = Path.GetDirectoryName(start))
        {
            var queue = new Queue<string>([start]);
            while (queue.TryDequeue(out string? folder))
            {
                if (seen.Count >= MostFolders) yield break;
                if (!seen.Add(folder) || file.Beside(Path.Combine(folder, "a" + extensions.First())) is not { } inside || !mayEnter(inside)) continue;
                foreach (string path in FolderListing.Files(folder, "*", path => extensions.Contains(Path.GetExtension(path))))
                    if (file.Beside(path) is { } found) yield return found;
                foreach (string child in FolderListing.Folders(folder))
                    if (!NotWrittenHere.Contains(Path.GetFileName(child))) queue.Enqueue(child);
            }
        }
    }
}
