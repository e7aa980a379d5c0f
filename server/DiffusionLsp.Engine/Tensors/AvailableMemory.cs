using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Asks how much memory a device has free. An answer that cannot be had is null: then nothing is refused.</summary>
internal static class AvailableMemory
{
    /// <summary>Free bytes.</summary>
    public static long? On(Device device) => device.type is DeviceType.CUDA ? OnCuda() : OnHost();

    private static long? OnHost()
    {
        // What this process may have: a container's limit, or the machine's memory.
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        return FreeByKernel() is { } free ? Math.Min(limit, free) : limit;
    }

    /// <summary>Linux: what can be had without swapping.</summary>
    private static long? FreeByKernel()
    {
        try
        {
            string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
            return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kilobytes, "kB"] ? long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>TorchSharp does not pass on cudaMemGetInfo; the CUDA runtime is loaded already.</summary>
    private static long? OnCuda()
    {
        foreach (string name in new[] { "libcudart.so.12", "libcudart.so.13", "cudart64_12", "cudart64_13" })
        {
            if (!NativeLibrary.TryLoad(name, out nint library) || !NativeLibrary.TryGetExport(library, "cudaMemGetInfo", out nint address)) continue;
            return Marshal.GetDelegateForFunctionPointer<MemGetInfo>(address)(out nuint free, out _) == 0 ? (long)free : null;
        }
        return null;
    }

    private delegate int MemGetInfo(out nuint free, out nuint total);
}
