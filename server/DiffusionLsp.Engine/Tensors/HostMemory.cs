using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Access to tensors' host memory, for code that computes without libtorch.</summary>
internal static unsafe class HostMemory
{
    /// <summary>Pointer to the first element; valid as long as the tensor lives.</summary>
    /// <typeparam name="T">The tensor's element type.</typeparam>
    /// <param name="tensor">Contiguous, on the CPU.</param>
    public static T* Of<T>(Tensor tensor) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes)); // libtorch's memory does not move

    /// <summary>Allocates zeroed memory aligned to a cache line (64 bytes). The caller frees it.</summary>
    /// <param name="count">Number of elements.</param>
    public static T* Allocate<T>(long count) where T : unmanaged
    {
        nuint bytes = (nuint)(count * sizeof(T));
        void* memory = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(memory, bytes);
        return (T*)memory;
    }

    /// <summary>Frees memory from <see cref="Allocate"/>.</summary>
    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);
}
