namespace DiffusionLsp.Server.CommandLine;

/// <summary>The files through which debuggers and tracers reach a .NET process. .NET removes them only when it ends the process itself.</summary>
internal static class RuntimeFiles
{
    /// <summary>Removes those of this process, as far as possible.</summary>
    public static void Remove()
    {
        try
        {
            foreach (string pattern in Patterns())
                foreach (string file in Directory.EnumerateFiles(Path.GetTempPath(), pattern)) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing depends on their removal.
        }
    }

    private static IEnumerable<string> Patterns()
    {
        // Processes in different containers may share a process id and a folder; their start times distinguish them.
        string process = OperatingSystem.IsLinux() ? $"{Environment.ProcessId}-{Began()}" : $"{Environment.ProcessId}-*";
        return [$"dotnet-diagnostic-{process}-socket", $"clr-debug-pipe-{process}-in", $"clr-debug-pipe-{process}-out"];
    }

    /// <summary>Start time in clock ticks since boot: field 22 of the process's stat file, after its name in parentheses.</summary>
    private static string Began() => File.ReadAllText("/proc/self/stat") is var state && state[(state.LastIndexOf(')') + 2)..].Split(' ') is { Length: > 19 } fields ? fields[19] : "*";
}
