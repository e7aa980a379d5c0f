using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>An array pinned in memory while kernels read it.</summary>
internal readonly unsafe struct PinnedNumbers : IDisposable
{
    private readonly GCHandle handle;

    /// <param name="numbers">May be null.</param>
    public PinnedNumbers(int[]? numbers) => handle = numbers is null ? default : GCHandle.Alloc(numbers, GCHandleType.Pinned);

    /// <summary>Address of the first number; null if there is no array.</summary>
    public int* First => handle.IsAllocated ? (int*)handle.AddrOfPinnedObject() : null;

    public void Dispose()
    {
        if (handle.IsAllocated) handle.Free();
    }
}
