namespace DiffusionLsp.Server.Documents;

/// <summary>
/// A document's path as the model sees it: relative to the workspace, with forward slashes. Derived from the URI; touches no file.
/// </summary>
internal static class DocumentPath
{
    /// <summary>The path relative to the innermost of <paramref name="roots"/>, else the file's name; null: neither.</summary>
    public static string? Relative(string uri, IEnumerable<string> roots)
    {
        DocumentUri parsed = DocumentUri.Parse(uri);
        if (parsed.Scheme.Length == 0) return null;
        string path = parsed.Path;
        string relative = RootOf(path, roots) is { } root ? path[(root.Length + 1)..] : path[(path.LastIndexOf('/') + 1)..];
        return relative.Length == 0 ? null : relative;
    }

    /// <summary>The path of the innermost of <paramref name="roots"/> that contains a path, without its last slash; null: none does. Schemes are ignored.</summary>
    public static string? RootOf(string path, IEnumerable<string> roots) => roots.Select(root => DocumentUri.Parse(root).Path)
        .Where(root => root.StartsWith('/')).Select(root => root.TrimEnd('/'))
        .Where(root => path.Length > root.Length && path.StartsWith(root, StringComparison.Ordinal) && path[root.Length] == '/').MaxBy(root => root.Length);
}
