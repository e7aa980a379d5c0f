using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Notices that the editor's process is gone, for the case that its pipe stays open. A look every two seconds on Unix,
/// a wait on the process elsewhere. It knows nothing of the protocol.
/// </summary>
internal static class ClientWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private const int NoSuchProcess = 3;

    /// <summary>Calls <paramref name="gone"/> once when the process has ended.</summary>
    public static async Task WatchAsync(int processId, TimeProvider time, Action gone, CancellationToken cancellation)
    {
        try
        {
            if (OperatingSystem.IsWindows()) await WaitAsync(processId, cancellation).ConfigureAwait(false);
            else
            {
                using var timer = new PeriodicTimer(Interval, time);
                while (IsAlive(processId)) await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
            }
            gone();
        }
        catch (OperationCanceledException)
        {
            // The server ends for another reason.
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
            // It is gone already, or may not be watched; the latter must not end the server.
            if (e is Win32Exception) await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsAlive(int processId) => Kill(processId, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    /// <summary>Signal 0 sends nothing; it only asks whether the process exists.</summary>
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
