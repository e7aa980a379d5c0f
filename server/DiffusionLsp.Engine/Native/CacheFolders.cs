namespace DiffusionLsp.Engine.Native;

/// <summary>Where DiffusionLsp keeps files that it can make again. Only paths; creates nothing.</summary>
public static class CacheFolders
{
    /// <summary>The root: <c>$XDG_CACHE_HOME/diffusion-lsp</c>, <c>~/.cache/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static string Root { get; } = RootFor(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));

    /// <summary>Patched private copies of native libraries.</summary>
    public static string Native => Path.Combine(Root, "native");

    /// <summary>Log files.</summary>
    public static string Logs => Path.Combine(Root, "logs");

    /// <summary>The root for a value of XDG_CACHE_HOME. The XDG specification says to ignore relative paths.</summary>
    internal static string RootFor(string? xdgCacheHome) => Path.Combine(Base(xdgCacheHome), "diffusion-lsp");

    private static string Base(string? xdgCacheHome)
    {
        if (!OperatingSystem.IsLinux()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return Path.IsPathFullyQualified(xdgCacheHome ?? "")
            ? xdgCacheHome!
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }
}
