using System.Globalization;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>Names, lengths and times of a model folder's files, to detect changes. It opens no file.</summary>
internal static class FolderStamp
{
    private const int MostFiles = 1000;

    /// <summary>A string that stays equal as long as the same files have the same lengths and times.</summary>
    /// <param name="folder">Null: the embedded model's.</param>
    public static string Of(string? folder)
    {
        folder ??= EmbeddedModel.Folder;
        if (folder is null) return "none";
        try
        {
            var files = new DirectoryInfo(folder).EnumerateFiles().Take(MostFiles).OrderBy(f => f.Name, StringComparer.Ordinal);
            return string.Join('\n', files.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {LengthOf(f)} {f.LastWriteTimeUtc.Ticks}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or System.Security.SecurityException)
        {
            return e.GetType().Name;
        }
    }

    /// <summary>The file's length in bytes, following links; −1 for a broken link.</summary>
    private static long LengthOf(FileInfo file)
    {
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return target is { Exists: true } ? target.Length : -1;
    }
}
