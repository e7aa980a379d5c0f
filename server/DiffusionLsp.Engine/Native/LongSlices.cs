using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Tells Linux that the calling thread computes for long stretches and hurries nowhere: it keeps its share of the processor, but
/// any thread that wakes up goes first. Threads that it starts inherit that. Elsewhere it does nothing.
/// </summary>
/// <remarks>
/// Since Linux 6.12 a thread may ask for the length of its time slice, and a waking thread with a shorter one goes first at once (EEVDF).
/// Otherwise an answer that is ready now and then waits for the next tick behind a decode on its core: measured with a thread that
/// works for 1 ms of every 6 beside a busy one, it starts after 0.10 ms (p50), 2.7 (p90) and 3.5 (p99), with long slices of the busy one
/// 0.10, 0.11 and 0.14. A lower priority does that too, but completions would come late whenever something is compiled. Older
/// kernels ignore the wish.
/// </remarks>
internal static partial class LongSlices
{
    private const ulong LongestNanoseconds = 100_000_000; // what the kernel takes at most
    private const uint Ordinary = 0; // SCHED_OTHER

    /// <summary>Sets the calling thread's slice. A refusal changes nothing and is no error.</summary>
    /// <returns>Whether the system took the wish.</returns>
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
        // What the user chose, such as a lower priority, stays.
        if (calls is not { } call || GetAttributes(call.Get, 0, ref attributes, size, 0) != 0 || attributes.Policy != Ordinary) return false;
        attributes.Runtime = LongestNanoseconds;
        return SetAttributes(call.Set, 0, ref attributes, 0) == 0;
    }

    /// <summary>sched_getattr(thread, attributes, size, flags); thread 0 is the calling one.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long GetAttributes(long number, nint thread, ref Attributes attributes, nint size, nint flags);

    /// <summary>sched_setattr(thread, attributes, flags)</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SetAttributes(long number, nint thread, ref Attributes attributes, nint flags);

    /// <summary>struct sched_attr, first version.</summary>
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
