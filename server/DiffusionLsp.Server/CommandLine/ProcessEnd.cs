using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>
/// Ends the process without native clean-up: libtorch's crashes (SIGSEGV) if another thread is still loading a model or
/// computing. Everything must have been written before.
/// </summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Ends the process after a few seconds, unless it ends earlier: closing may wait forever for a client or a disk.</summary>
    public static void Soon(int code)
    {
        var guard = new Thread(() =>
        {
            Thread.Sleep(Patience);
            Now(code);
        })
        { IsBackground = true, Name = "end" };
        guard.Start();
    }

    [DoesNotReturn]
    public static void Now(int code)
    {
        RuntimeFiles.Remove();
        if (!OperatingSystem.IsWindows()) ExitAtOnce(code);
        Environment.Exit(code); // Windows ends the other threads first
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitAtOnce(int code);
}
