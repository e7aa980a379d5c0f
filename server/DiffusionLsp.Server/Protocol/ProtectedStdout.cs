using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Reserves standard output for the protocol: the returned stream writes to the real one, while file descriptor 1 and
/// <see cref="Console.Out"/> are redirected to standard error, so that not even a native library can print between two messages. It
/// knows nothing of messages.
/// </summary>
internal static class ProtectedStdout
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Call once, before anything is written.</summary>
    public static StandardStream Take()
    {
        Stream output = Console.OpenStandardOutput();
        int? descriptor = null;
        if (!OperatingSystem.IsWindows())
        {
            descriptor = Dup(StandardOutput);
            if (descriptor < 0 || Dup2(StandardError, StandardOutput) < 0)
                throw new IOException($"Standard output cannot be protected (errno {Marshal.GetLastPInvokeError()}).");
        }
        Console.SetOut(Console.Error);
        return new StandardStream(output, descriptor);
    }

    [DllImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static extern int Dup(int descriptor);

    [DllImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static extern int Dup2(int from, int to);
}
