using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Protocol;

/// <summary>Wraps POSIX poll(2) for one file descriptor.</summary>
internal static class PosixPoll
{
    public const short Readable = 1;
    public const short Writable = 4;

    /// <summary>The requested events that have occurred, and errors; 0: timeout.</summary>
    /// <param name="milliseconds">Timeout; −1: none.</param>
    public static short Wait(int descriptor, short events, int milliseconds)
    {
        var asked = new Descriptor { Number = descriptor, Events = events };
        // Negative: interrupted by a signal.
        while (Poll(ref asked, 1, milliseconds) is var found and < 1)
            if (found == 0 || milliseconds >= 0) return 0;
        return asked.Happened;
    }

    [DllImport("libc", EntryPoint = "poll")]
    private static extern int Poll(ref Descriptor descriptors, ulong count, int milliseconds);

    /// <summary>struct pollfd</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Descriptor
    {
        public int Number;
        public short Events;
        public short Happened;
    }
}
