namespace DiffusionLsp.Server.CommandLine;

/// <summary>The files by which debuggers and tracers reach a process of .NET. .NET removes them when it ends a process itself, and only then.</summary>
internal static class RuntimeFiles
{
    /// <summary>Removes those of this process. What cannot be removed stays.</summary>
    public static void Remove()
    {
        try
        {
            foreach (string pattern in Patterns())
                foreach (string file in Directory.EnumerateFiles(Path.GetTempPath(), pattern)) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing else needs them gone.
        }
    }

    private static IEnumerable<string> Patterns()
    {
        // Processes in several containers may have one number and one folder; the time at which each began tells them apart.
        string process = OperatingSystem.IsLinux() ? $"{Environment.ProcessId}-{Began()}" : $"{Environment.ProcessId}-*";
        return [$"dotnet-diagnostic-{process}-socket", $"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out"];
    }

    /// <summary>Clock ticks since the system began: the 22nd field of the process's state, behind its name in parentheses.</summary>
    private static string Began() => File.ReadAllText("/proc/self/stat") is var state && state[(state.LastIndexOf(')') + 2)..].Split(' ') is { Length: > 19 } fields ? fields[19] : "*";
}
