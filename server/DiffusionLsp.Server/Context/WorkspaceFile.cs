using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// The location of a document's file: the workspace folder and the path in it, whatever the URI's scheme, since exclusions apply to
/// paths. Uses names alone; touches no file.
/// </summary>
/// <param name="Root">Full path of the innermost workspace folder; null: the file is in none.</param>
/// <param name="Path">Relative to the root, else the full path without its first slash; forward slashes.</param>
/// <param name="FullPath">The operating system's path; for a document that is not a file, the URI.</param>
/// <param name="IsOnDisk">Whether the document is a file on this machine, so that it can have neighbours.</param>
internal sealed record WorkspaceFile(string? Root, string Path, string FullPath, bool IsOnDisk = true)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Null for URIs without a path.</summary>
    public static WorkspaceFile? From(string uri, IEnumerable<string> roots)
    {
        DocumentUri document = DocumentUri.Parse(uri);
        string? root = DocumentPath.RootOf(document.Path, roots);
        string path = root is null ? document.Path.TrimStart('/') : document.Path[(root.Length + 1)..];
        if (path.Length == 0) return null;
        return new WorkspaceFile(root is null ? null : SystemPath(document, root), path, document.IsFile ? SystemPath(document, document.Path) : document.ToString(), document.IsFile);
    }

    /// <summary>The file with another full path in the same workspace folder; null: it is outside.</summary>
    public WorkspaceFile? Beside(string fullPath) =>
        Root is not null && IsInside(fullPath, Root) ? new WorkspaceFile(Root, fullPath[Root.Length..].Replace('\\', '/').TrimStart('/'), fullPath) : null;

    private static bool IsInside(string path, string root)
    {
        int length = System.IO.Path.EndsInDirectorySeparator(root) ? root.Length - 1 : root.Length;
        return path.Length > length + 1 && path.StartsWith(root[..length], StringComparison.Ordinal) && path[length] is '/' or '\\';
    }

    /// <summary>A folder keeps its trailing slash if it would mean something else without it: "/" and "c:\".</summary>
    private static string SystemPath(DocumentUri uri, string path)
    {
        if (path.LastIndexOf('/') <= 0 && (path.Length == 0 || path[^1] == ':')) path += "/";
        if (uri.IsFile && uri.Authority.Length > 0) path = $"//{uri.Authority}{path}";
        if (!OperatingSystem.IsWindows()) return path;
        return (path.Length > 2 && path[2] == ':' ? path[1..] : path).Replace('/', '\\');
    }
}
