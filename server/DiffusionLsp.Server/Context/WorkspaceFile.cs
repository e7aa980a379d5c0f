namespace DiffusionLsp.Server.Context;

/// <summary>Where a document's file lies: the workspace folder and the path in it. Works on names alone; touches no file.</summary>
/// <param name="Root">Full path of the innermost workspace folder; null: the file is in none.</param>
/// <param name="Path">Relative to the root, else the whole path without its first slash; forward slashes.</param>
/// <param name="FullPath">As the operating system names it.</param>
internal sealed record WorkspaceFile(string? Root, string Path, string FullPath)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Null for URIs that name no file, such as unsaved documents.</summary>
    public static WorkspaceFile? From(string uri, IEnumerable<string> roots)
    {
        if (LocalPath(uri) is not { Length: > 0 } full) return null;
        string? root = roots.Select(LocalPath).OfType<string>().Select(r => r.TrimEnd('/', '\\'))
            .Where(r => IsInside(full, r)).MaxBy(r => r.Length);
        return new WorkspaceFile(root, (root is null ? full : full[root.Length..]).Replace('\\', '/').TrimStart('/'), full);
    }

    /// <summary>The file with another full path in the same workspace folder, or null when it lies outside.</summary>
    public WorkspaceFile? Beside(string fullPath) =>
        Root is not null && IsInside(fullPath, Root) ? new WorkspaceFile(Root, fullPath[Root.Length..].Replace('\\', '/').TrimStart('/'), fullPath) : null;

    private static bool IsInside(string path, string root) =>
        path.Length > root.Length + 1 && path.StartsWith(root, StringComparison.Ordinal) && path[root.Length] is '/' or '\\';

    private static string? LocalPath(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) && parsed.IsFile ? parsed.LocalPath : null;
}
