using System.Globalization;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>What a model's folder looks like from outside, to see whether somebody changed it. It opens no file.</summary>
internal static class FolderStamp
{
    private const int MostFiles = 1000;

    /// <summary>Equal as long as the same files have the same lengths and times.</summary>
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

    /// <summary>A link that leads nowhere has none.</summary>
    private static long LengthOf(FileInfo file)
    {
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return target is { Exists: true } ? target.Length : -1;
    }
}
