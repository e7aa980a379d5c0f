namespace DiffusionLsp.Server.Context.Sources;

/// <summary>Files with the same extension in the same folder, then below it, then beside it.</summary>
internal sealed class NearbyFilesSource : IContextSource
{
    private const int MostListed = 500;
    private const int MostRead = 40;
    private const int Depth = 2;

    public string Name => "nearby files";

    public double Weight => 1.0;

    public IEnumerable<ContextText> Find(ContextQuery query)
    {
        if (query.File.Root is null || Path.GetDirectoryName(query.File.FullPath) is not { } folder) yield break;
        string extension = Path.GetExtension(query.File.FullPath);
        if (extension.Length == 0) yield break;
        int read = 0;
        foreach (string path in Listed(query, folder, extension).Take(MostListed))
        {
            if (query.Deadline.IsCancellationRequested) yield break;
            if (query.File.Beside(path) is not { } file || FileTexts.Read(query, file) is not { } text) continue;
            yield return text;
            if (++read == MostRead) yield break;
        }
    }

    private static IEnumerable<string> Listed(ContextQuery query, string folder, string extension)
    {
        IEnumerable<string> nearest = In(folder, extension, Depth);
        string? parent = Path.GetDirectoryName(folder);
        bool parentIsInside = parent is not null && (parent + Path.DirectorySeparatorChar).StartsWith(query.File.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return parentIsInside ? nearest.Concat(In(parent!, extension, Depth).Where(path => !path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))) : nearest;
    }

    /// <summary>In a fixed order, so that a selection that is made again is the same.</summary>
    private static IEnumerable<string> In(string folder, string extension, int depth)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = true, MaxRecursionDepth = depth, RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*" + extension, options).Take(MostListed)
                .OrderBy(path => path.Count(c => c == Path.DirectorySeparatorChar)).ThenBy(path => path, StringComparer.Ordinal)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
