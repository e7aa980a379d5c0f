namespace DiffusionLsp.Engine.Files;

/// <summary>The user's home folder, and paths as users write them. Touches no files.</summary>
public static class UserPath
{
    /// <summary>The home folder, always an absolute path: from the variable HOME if it holds one, else from the system.</summary>
    public static string Home { get; } = FindHome();

    /// <summary>Replaces a leading <c>~</c>, alone or before a slash, with the home folder; other paths are unchanged.</summary>
    public static string Expand(string path) => path is ['~'] or ['~', '/', ..] || OperatingSystem.IsWindows() && path is ['~', '\\', ..]
        ? Path.Combine(Home, path[1..].TrimStart('/', '\\'))
        : path;

    /// <summary>Expands a path and resolves it against a folder.</summary>
    /// <param name="folder">Base of relative paths; null: they stay relative.</param>
    public static string From(string path, string? folder) =>
        folder is null || path.Length == 0 ? Expand(path) : Path.Combine(folder, Expand(path));

    /// <summary>The value of an XDG base directory variable if it is an absolute path, else a folder in the home folder.</summary>
    internal static string Xdg(string? value, string inHome) => Path.IsPathFullyQualified(value ?? "") ? value! : Path.Combine(Home, inHome);

    private static string FindHome()
    {
        const string variable = "HOME";
        string? given = Environment.GetEnvironmentVariable(variable);
        // .NET uses any non-empty value as it is, and asks the system otherwise.
        bool isUnusable = !OperatingSystem.IsWindows() && given is { Length: > 0 } && !Path.IsPathFullyQualified(given);
        if (isUnusable) Environment.SetEnvironmentVariable(variable, null);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        if (isUnusable) Environment.SetEnvironmentVariable(variable, given);
        return Path.IsPathFullyQualified(home) ? home : Path.GetPathRoot(AppContext.BaseDirectory)!;
    }
}
