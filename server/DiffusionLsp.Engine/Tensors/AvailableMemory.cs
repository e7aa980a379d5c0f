using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Determines how much memory a device has free. Null means unknown, and then nothing is rejected.</summary>
internal static class AvailableMemory
{
    /// <summary>Free bytes.</summary>
    public static long? On(ComputeDevice device) => device.IsGpu ? OnCuda() : OnHost();

    private static long? OnHost() => OperatingSystem.IsLinux() ? new LinuxMemory().Free() : OfTheMachine();

    /// <summary>Outside Linux: .NET's view of the machine or container, as of the last garbage collection.</summary>
    private static long OfTheMachine()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, info.TotalAvailableMemoryBytes - (info.Index > 0 ? info.MemoryLoadBytes : Environment.WorkingSet));
    }

    /// <summary>Calls the CUDA runtime, which is already loaded, directly, because TorchSharp does not expose cudaMemGetInfo.</summary>
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
