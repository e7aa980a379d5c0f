using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Returns freed memory to the system: tunes glibc's allocator for the current phase, and asks it to release memory. With other C
/// libraries it only collects garbage. It knows nothing of what is allocated.
/// </summary>
/// <remarks>
/// glibc keeps freed memory in several arenas and returns only the end of each. Here, loaded data gets its own pages, which are
/// unmapped when it is freed, and gaps are released afterwards. Buffers that OpenMP and MKL keep per thread cannot be released, so
/// threads are reused (<see cref="LastingThread"/>).
/// </remarks>
internal static partial class FreedMemory
{
    // Parameters of mallopt(3).
    private const int TrimThreshold = -1, MapThreshold = -3;

    private const int Small = 256 << 10, LargestMap = 32 << 20; // the largest that glibc accepts

    private static bool isForeign = !OperatingSystem.IsLinux();

    /// <summary>Prepares for long-lived allocations: weights, tables, caches.</summary>
    public static void ExpectLoading() => Set(MapThreshold, Small);

    /// <summary>Prepares for short-lived allocations, with the values that glibc reaches on its own after a while.</summary>
    public static void ExpectComputing()
    {
        Set(MapThreshold, LargestMap);
        Set(TrimThreshold, 2 * LargestMap);
    }

    /// <summary>Prepares for freeing much memory.</summary>
    public static void ExpectFreeing() => Set(TrimThreshold, Small);

    /// <summary>Releases native memory; takes a few milliseconds.</summary>
    public static void GiveBackNative() => Try(() => Trim(0));

    /// <summary>Releases native and managed memory; stops all threads for about ten milliseconds.</summary>
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
            isForeign = true; // another C library, which retains less
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
