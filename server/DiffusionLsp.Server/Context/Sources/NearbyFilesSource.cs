namespace DiffusionLsp.Server.Context.Sources;

/// <summary>Files with the same extension: in the same folder, below it, then in the parent folder and below that.</summary>
internal sealed class NearbyFilesSource : IContextSource
{
    private const int MostRead = 40;
    private const int MostFolders = 60;
    private const int Depth = 2;

    public double Weight => 1.0;

    public IEnumerable<ContextText> Find(ContextQuery query)
    {
        string extension = Path.GetExtension(query.File.FullPath);
        if (query.File.Root is null || extension.Length == 0) yield break;
        int read = 0;
        foreach (string path in Folders(query).SelectMany(folder => FolderListing.Files(folder, "*" + extension, _ => true)).Take(FolderListing.MostListed))
        {
            if (query.Deadline.IsCancellationRequested) yield break;
            if (query.File.Beside(path) is not { } file || FileTexts.Read(query, file) is not { } text) continue;
            yield return text;
            if (++read == MostRead) yield break;
        }
    }

    /// <summary>Nearest first. Ignored folders are skipped, since a folder of packages would exhaust the limit on entries.</summary>
    private static IEnumerable<string> Folders(ContextQuery query)
    {
        string? own = Path.GetDirectoryName(query.File.FullPath);
        var seen = new HashSet<string>();
        foreach (string? start in new[] { own, Path.GetDirectoryName(own) })
        {
            var queue = new Queue<(string Folder, int Depth)>();
            if (start is not null) queue.Enqueue((start, 0));
            while (queue.TryDequeue(out var next) && seen.Count < MostFolders)
            {
                if (!MayEnter(query, next.Folder)) continue;
                if (seen.Add(next.Folder)) yield return next.Folder;
                if (next.Depth == Depth) continue;
                foreach (string child in FolderListing.Folders(next.Folder).Take(MostFolders)) queue.Enqueue((child, next.Depth + 1));
            }
        }
    }

    /// <summary>Checks the name of a file that could be in the folder, because patterns apply to files.</summary>
    private static bool MayEnter(ContextQuery query, string folder) =>
        query.File.Beside(Path.Combine(folder, "a" + Path.GetExtension(query.File.FullPath))) is { } inside && query.Exclusions.MayLeave(inside, query.Settings);
}
