using System.Runtime.InteropServices;

namespace DiffusionLsp.Server.Protocol;

/// <summary>Asks a POSIX system how a file descriptor stands.</summary>
internal static class PosixPoll
{
    public const short Readable = 1;
    public const short Writable = 4;

    /// <summary>What has happened of the wanted events, and errors; 0: nothing in this time.</summary>
    /// <param name="milliseconds">-1: waits until something happens.</param>
    public static short Wait(int descriptor, short events, int milliseconds)
    {
        var asked = new Descriptor { Number = descriptor, Events = events };
        // Below 0: a signal came in between.
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
