namespace DiffusionLsp.Engine.Files;

/// <summary>The user's home folder, and paths as people write them. Only names; touches no file.</summary>
public static class UserPath
{
    /// <summary>The home folder, always a full path: from the variable HOME if it holds one, else from the system.</summary>
    public static string Home { get; } = FindHome();

    /// <summary>A path in which a <c>~</c> that stands alone or before a slash is the home folder; every other path as it is.</summary>
    public static string Expand(string path) => path is ['~'] or ['~', '/', ..] || OperatingSystem.IsWindows() && path is ['~', '\\', ..]
        ? Path.Combine(Home, path[1..].TrimStart('/', '\\'))
        : path;

    /// <summary>A full path: <see cref="Expand"/>, and what is relative begins at a folder.</summary>
    /// <param name="folder">Null: relative paths stay as they are.</param>
    public static string From(string path, string? folder) =>
        folder is null || path.Length == 0 ? Expand(path) : Path.Combine(folder, Expand(path));

    /// <summary>A folder that a variable of the XDG base directories names, which has to be a full path, else one in the home folder.</summary>
    internal static string Xdg(string? value, string inHome) => Path.IsPathFullyQualified(value ?? "") ? value! : Path.Combine(Home, inHome);

    private static string FindHome()
    {
        const string variable = "HOME";
        string? given = Environment.GetEnvironmentVariable(variable);
        // .NET takes the variable as it is if it is not empty, and asks the system otherwise.
        bool isUnusable = !OperatingSystem.IsWindows() && given is { Length: > 0 } && !Path.IsPathFullyQualified(given);
        if (isUnusable) Environment.SetEnvironmentVariable(variable, null);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        if (isUnusable) Environment.SetEnvironmentVariable(variable, given);
        return Path.IsPathFullyQualified(home) ? home : Path.GetPathRoot(AppContext.BaseDirectory)!;
    }
}
