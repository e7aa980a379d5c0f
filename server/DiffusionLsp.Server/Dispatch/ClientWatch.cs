using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Detects that the editor's process has ended although its pipe stays open. It waits on the process, which costs nothing; where the
/// system does not support that (macOS, old Linux), it polls every two seconds. It knows nothing of the protocol.
/// </summary>
internal static class ClientWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private const int NoSuchProcess = 3;
    private const int PidfdOpen = 434; // the same number on every architecture

    /// <summary>
    /// Whether the process can be watched. A process that is not visible does not count as ended: in a container or Flatpak the client's
    /// process id is meaningless, or belongs to another process.
    /// </summary>
    public static bool CanSee(int processId)
    {
        if (processId <= 0 || processId == Environment.ProcessId) return false;
        if (!OperatingSystem.IsWindows()) return IsAlive(processId);
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Calls <paramref name="gone"/> once when the process, which must be visible, has ended.</summary>
    public static async Task WatchAsync(int processId, TimeProvider time, Action gone, CancellationToken cancellation)
    {
        try
        {
            if (OperatingSystem.IsWindows()) await WaitAsync(processId, cancellation).ConfigureAwait(false);
            else if (Descriptor(processId) is { } descriptor) await EndOf(descriptor).WaitAsync(cancellation).ConfigureAwait(false);
            else
            {
                using var timer = new PeriodicTimer(Interval, time);
                while (IsAlive(processId)) await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
            }
            gone();
        }
        catch (OperationCanceledException)
        {
            // The server is ending for another reason.
        }
    }

    private static async Task WaitAsync(int processId, CancellationToken cancellation)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has already ended or may not be watched; the latter must not end the server.
            if (e is Win32Exception) await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends; null: not supported, or no such process.</summary>
    private static int? Descriptor(int processId) =>
        OperatingSystem.IsLinux() && SystemCall(PidfdOpen, processId, 0) is var descriptor and >= 0 ? (int)descriptor : null;

    /// <summary>Waits on a thread that sleeps in the kernel; it ends with the server at the latest.</summary>
    private static Task EndOf(int descriptor)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            PosixPoll.Wait(descriptor, PosixPoll.Readable, -1);
            ended.SetResult();
        }, maxStackSize: 1 << 18)
        { IsBackground = true, Name = "client watch" };
        thread.Start();
        return ended.Task;
    }

    private static bool IsAlive(int processId) => Kill(processId, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    /// <summary>Signal 0 only tests whether the process exists.</summary>
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long SystemCall(long number, long first, long second);
}
