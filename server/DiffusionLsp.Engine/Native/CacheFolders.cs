namespace DiffusionLsp.Engine.Native;

/// <summary>Where DiffusionLsp keeps files that it can make again. Only paths; creates nothing.</summary>
public static class CacheFolders
{
    /// <summary>The root: <c>$XDG_CACHE_HOME/diffusion-lsp</c>, <c>~/.cache/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static string Root { get; } = Path.Combine(Base(), "diffusion-lsp");

    /// <summary>Patched private copies of native libraries.</summary>
    public static string Native => Path.Combine(Root, "native");

    /// <summary>Log files.</summary>
    public static string Logs => Path.Combine(Root, "logs");

    private static string Base()
    {
        if (!OperatingSystem.IsLinux()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return string.IsNullOrEmpty(xdg) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache") : xdg;
    }
}
