using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Tells Linux that the calling thread is throughput-oriented: it keeps its share of the processor, but any thread that wakes up
/// preempts it. Threads that it starts inherit this. Does nothing on other systems.
/// </summary>
/// <remarks>
/// Since Linux 6.12 (EEVDF) a thread can request the length of its time slice, and a waking thread with a shorter one preempts it at once.
/// Otherwise a finished answer sometimes waits for the next tick behind a decode on its core. A thread that works for 1 ms out of
/// every 6 beside a busy one started after 0.10 ms (p50), 2.7 (p90) and 3.5 (p99); with long slices for the busy thread, after 0.10, 0.11
/// and 0.14. A lower priority has the same effect, but completions would then be late during every build. Older kernels ignore the
/// request.
/// </remarks>
internal static partial class LongSlices
{
    private const ulong LongestNanoseconds = 100_000_000; // the kernel's maximum
    private const uint Ordinary = 0; // SCHED_OTHER

    /// <summary>Sets the calling thread's slice. A refusal changes nothing and is not an error.</summary>
    /// <returns>Whether the system accepted the request.</returns>
    public static bool Ask()
    {
        (long Get, long Set)? calls = !OperatingSystem.IsLinux() ? null : RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (315, 314),
            Architecture.Arm64 => (275, 274),
            _ => null,
        };
        var attributes = new Attributes();
        nint size = Marshal.SizeOf<Attributes>();
        // Respects what the user chose, such as a lower priority.
        if (calls is not { } call || GetAttributes(call.Get, 0, ref attributes, size, 0) != 0 || attributes.Policy != Ordinary) return false;
        attributes.Runtime = LongestNanoseconds;
        return SetAttributes(call.Set, 0, ref attributes, 0) == 0;
    }

    /// <summary>sched_getattr(thread, attributes, size, flags); thread 0 is the caller.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long GetAttributes(long number, nint thread, ref Attributes attributes, nint size, nint flags);

    /// <summary>sched_setattr(thread, attributes, flags)</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SetAttributes(long number, nint thread, ref Attributes attributes, nint flags);

    /// <summary>struct sched_attr, version 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size, Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime, Deadline, Period;
    }
}
