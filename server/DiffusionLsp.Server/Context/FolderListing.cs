namespace DiffusionLsp.Server.Context;

/// <summary>
/// What a folder holds, for whoever looks for files around a file: nothing hidden, no links, a bounded number, in a fixed order, so that
/// looking again finds the same. A folder that cannot be read holds nothing.
/// </summary>
internal static class FolderListing
{
    /// <summary>Most entries of one folder.</summary>
    public const int MostListed = 500;

    private static readonly EnumerationOptions Visible = new()
    {
        IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <summary>Full paths of the files that are wanted.</summary>
    /// <param name="pattern">As the file system takes it, for example "*.cs".</param>
    public static string[] Files(string folder, string pattern, Func<string, bool> wanted) => List(() => Directory.EnumerateFiles(folder, pattern, Visible).Where(wanted));

    /// <summary>Full paths of the folders in it.</summary>
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
