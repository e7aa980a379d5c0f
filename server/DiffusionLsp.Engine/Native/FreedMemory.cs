using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Sees to it that memory which is freed goes back to the system: it tells glibc's allocator what is done at the moment, and asks
/// it to give back. Elsewhere it only collects. It knows nothing of what is allocated.
/// </summary>
/// <remarks>
/// glibc keeps what is freed, in several arenas, and returns only the end of each. What is loaded has pages of its own here, which go
/// when it goes, and holes are given back afterwards. Buffers that OpenMP and MKL keep for a thread cannot be given back; so threads
/// are used again (<see cref="LastingThread"/>).
/// </remarks>
internal static partial class FreedMemory
{
    // Parameters of mallopt.
    private const int TrimThreshold = -1, MapThreshold = -3;

    private const int Small = 256 << 10, LargestMap = 32 << 20; // what glibc takes at most

    private static bool isForeign = !OperatingSystem.IsLinux();

    /// <summary>From now on memory is taken for long: weights, tables, caches.</summary>
    public static void ExpectLoading() => Set(MapThreshold, Small);

    /// <summary>From now on memory is taken and freed all the time: what glibc comes to by itself after a while.</summary>
    public static void ExpectComputing()
    {
        Set(MapThreshold, LargestMap);
        Set(TrimThreshold, 2 * LargestMap);
    }

    /// <summary>From now on much is freed.</summary>
    public static void ExpectFreeing() => Set(TrimThreshold, Small);

    /// <summary>Gives back native memory: some milliseconds.</summary>
    public static void GiveBackNative() => Try(() => Trim(0));

    /// <summary>Gives back native and managed memory: some ten milliseconds during which every thread stands still.</summary>
    public static void GiveBackAll()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GiveBackNative();
    }

    private static void Set(int parameter, int value) => Try(() => SetOption(parameter, value));

    private static void Try(Func<int> call)
    {
        if (isForeign) return;
        try
        {
            _ = call();
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            isForeign = true; // another C library, which keeps less
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
