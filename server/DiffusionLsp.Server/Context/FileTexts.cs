using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Context;

/// <summary>Reads workspace files as context: small, regular text files that may be shown to the model. Writes nothing.</summary>
internal static class FileTexts
{
    private const int LargestFile = 64 * 1024;

    /// <summary>A file's text; null: it may not or cannot be used.</summary>
    /// <param name="query">Its exclusions apply. An open document is read as it is in the editor.</param>
    public static ContextText? Read(ContextQuery query, WorkspaceFile file)
    {
        if (file.FullPath == query.File.FullPath || query.Deadline.IsCancellationRequested || !query.Exclusions.MayLeave(file, query.Settings)) return null;
        foreach (var open in query.Open.Values)
            if (WorkspaceFile.From(open.Uri, query.Roots)?.FullPath == file.FullPath) return new ContextText(file, open, open.Text);
        return Stamp(file, LargestFile) is { } stamp && Text(file, LargestFile) is { } text ? new ContextText(file, stamp, text) : null;
    }

    /// <summary>A stamp that changes when the file does; null: its text cannot be used. The caller checks exclusions.</summary>
    /// <param name="largest">Maximum file size in bytes.</param>
    public static object? Stamp(WorkspaceFile file, int largest)
    {
        try
        {
            var info = new FileInfo(file.FullPath);
            // A link may lead out of the workspace, to files that no pattern was checked for.
            if (!info.Exists || info.Length > largest || info.LinkTarget is not null || IsLinkedFolder(info.Directory, file.Root)) return null;
            return (info.FullName, info.LastWriteTimeUtc, info.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A file's text; null: it cannot be read as text.</summary>
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
