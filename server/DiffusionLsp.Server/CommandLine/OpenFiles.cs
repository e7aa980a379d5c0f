using System.Runtime.InteropServices;
using System.Text;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Checks whether this process may open as many files as it needs, before it needs them: otherwise the runtime fails to find the
/// program's own libraries, and ends with a stack trace.
/// </summary>
internal static class OpenFiles
{
    private const ulong Least = 160; // after a completion, a server had up to 123 files open, most of them its own libraries

    /// <summary>Ends the process with a sentence on standard error if it may open too few.</summary>
    public static void Require()
    {
        if (OperatingSystem.IsWindows() || Problem(Limit()) is not { } problem) return;
        byte[] line = Encoding.UTF8.GetBytes(problem + "\n");
        _ = Write(2, line, line.Length); // Console would open files
        ProcessEnd.Now(1);
    }

    /// <summary>The problem as a sentence; null: none.</summary>
    /// <param name="limit">Maximum number of open files; null: unknown.</param>
    internal static string? Problem(ulong? limit) => limit is { } most && most < Least
        ? $"The limit on open files is {most}, but DiffusionLsp needs {Least}; raise it, for example with ulimit -n 1024."
        : null;

    private static ulong? Limit() => GetLimit(OperatingSystem.IsMacOS() ? 8 : 7, out Limits limits) == 0 ? limits.Current : null; // RLIMIT_NOFILE

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetLimit(int resource, out Limits limits);

    [DllImport("libc", EntryPoint = "write")]
    private static extern nint Write(int descriptor, byte[] bytes, nint count);

    /// <summary>struct rlimit</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Current, Most;
    }
}
