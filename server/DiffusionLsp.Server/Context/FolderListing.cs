namespace DiffusionLsp.Server.Context;

/// <summary>
/// Lists a folder's entries: nothing hidden, no links, a limited number, in a fixed order, so that listing again gives the
/// same result. A folder that cannot be read counts as empty.
/// </summary>
internal static class FolderListing
{
    /// <summary>Maximum number of entries per folder.</summary>
    public const int MostListed = 500;

    private static readonly EnumerationOptions Visible = new()
    {
        IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <summary>Full paths of the matching files.</summary>
    /// <param name="pattern">In the file system's syntax, for example "*.cs".</param>
    public static string[] Files(string folder, string pattern, Func<string, bool> wanted) => List(() => Directory.EnumerateFiles(folder, pattern, Visible).Where(wanted));

    /// <summary>Full paths of the subfolders.</summary>
    public static string[] Folders(string folder) => List(() => Directory.EnumerateDirectories(folder, "*", Visible));

    private static string[] List(Func<IEnumerable<string>> entries)
    {
        try
        {
            return [.. entries().Take(MostListed).Order(StringComparer.Ordinal)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
