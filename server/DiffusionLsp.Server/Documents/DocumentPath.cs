namespace DiffusionLsp.Server.Documents;

/// <summary>
/// A document's path as the model should see it: relative to the workspace, with forward slashes. Works on the URI
/// alone; touches no file.
/// </summary>
internal static class DocumentPath
{
    /// <summary>The path below the innermost of <paramref name="roots"/>, else the file's name, else null.</summary>
    public static string? Relative(string uri, IEnumerable<string> roots)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed)) return null;
        string path = Uri.UnescapeDataString(parsed.AbsolutePath);
        string? root = roots.Select(RootPath).OfType<string>()
            .Where(r => path.StartsWith(r, StringComparison.Ordinal)).MaxBy(r => r.Length);
        string relative = root is null ? path[(path.LastIndexOf('/') + 1)..] : path[root.Length..];
        return relative.Length == 0 ? null : relative;
    }

    private static string? RootPath(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out Uri? root) ? Uri.UnescapeDataString(root.AbsolutePath).TrimEnd('/') + "/" : null;
}
