using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>An array that does not move while kernels read it.</summary>
internal readonly unsafe struct PinnedNumbers : IDisposable
{
    private readonly GCHandle handle;

    /// <param name="numbers">Null: there are none.</param>
    public PinnedNumbers(int[]? numbers) => handle = numbers is null ? default : GCHandle.Alloc(numbers, GCHandleType.Pinned);

    /// <summary>Null: there are none.</summary>
    public int* First => handle.IsAllocated ? (int*)handle.AddrOfPinnedObject() : null;

    public void Dispose()
    {
        if (handle.IsAllocated) handle.Free();
    }
}
