using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Native;

/// <summary>Where DiffusionLsp stores its own files. Deals only in paths; creates nothing.</summary>
public static class CacheFolders
{
    private const string Name = "diffusion-lsp";

    /// <summary>For files that can be recreated: <c>$XDG_CACHE_HOME/diffusion-lsp</c>, <c>~/.cache/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static string Root { get; } = RootFor(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));

    /// <summary>Private copies of native libraries.</summary>
    public static string Native => Path.Combine(Root, "native");

    /// <summary>Log files.</summary>
    public static string Logs => Path.Combine(Root, "logs");

    /// <summary>For files that cannot be recreated: <c>$XDG_DATA_HOME/diffusion-lsp</c>, <c>~/.local/share/diffusion-lsp</c>, or the platform's local application data.</summary>
    public static string Data { get; } = DataFor(Environment.GetEnvironmentVariable("XDG_DATA_HOME"));

    /// <summary>The cache folder for a value of XDG_CACHE_HOME. The XDG specification says to ignore relative paths.</summary>
    internal static string RootFor(string? xdgCacheHome) => Path.Combine(OperatingSystem.IsLinux() ? UserPath.Xdg(xdgCacheHome, ".cache") : LocalApplicationData, Name);

    /// <summary>The data folder for a value of XDG_DATA_HOME.</summary>
    internal static string DataFor(string? xdgDataHome) => Path.Combine(OperatingSystem.IsLinux() ? UserPath.Xdg(xdgDataHome, Path.Combine(".local", "share")) : LocalApplicationData, Name);

    private static string LocalApplicationData => Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
}
