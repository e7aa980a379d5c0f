using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Context;

/// <summary>Reads files of the workspace as context: small, regular, readable as text, and allowed to leave. Nothing is written.</summary>
internal static class FileTexts
{
    private const int LargestFile = 64 * 1024;

    /// <summary>The text of a file, or null when it is none that may or can be used.</summary>
    /// <param name="query">Whose exclusions count. An open document is read as it is in the editor.</param>
    public static ContextText? Read(ContextQuery query, WorkspaceFile file)
    {
        if (file.FullPath == query.File.FullPath || query.Deadline.IsCancellationRequested || !query.Exclusions.MayLeave(file, query.Settings)) return null;
        foreach (var open in query.Open.Values)
            if (WorkspaceFile.From(open.Uri, query.Roots)?.FullPath == file.FullPath) return new ContextText(file, open, open.Text);
        return Stamp(file, LargestFile) is { } stamp && Text(file, LargestFile) is { } text ? new ContextText(file, stamp, text) : null;
    }

    /// <summary>What changes when a file does; null when its text cannot be used. Whether it may be is for the caller to ask.</summary>
    /// <param name="largest">Bytes of the largest file that counts.</param>
    public static object? Stamp(WorkspaceFile file, int largest)
    {
        try
        {
            var info = new FileInfo(file.FullPath);
            // A link may lead out of the workspace, to what no pattern was asked about.
            if (!info.Exists || info.Length > largest || info.LinkTarget is not null || IsLinkedFolder(info.Directory, file.Root)) return null;
            return (info.FullName, info.LastWriteTimeUtc, info.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A file's text; null when it cannot be read as one.</summary>
    /// <inheritdoc cref="Stamp"/>
    public static string? Text(WorkspaceFile file, int largest)
    {
        try
        {
            string text = RegularFile.ReadText(file.FullPath, largest);
            return text.Contains('\0') ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsLinkedFolder(DirectoryInfo? folder, string? root)
    {
        for (; folder is not null && folder.FullName.Length > root?.Length; folder = folder.Parent)
            if (folder.LinkTarget is not null) return true;
        return false;
    }
}
