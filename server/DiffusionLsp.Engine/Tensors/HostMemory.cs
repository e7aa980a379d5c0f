using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Where the numbers of a tensor lie in the host's memory, for code that works on them without libtorch.</summary>
internal static unsafe class HostMemory
{
    /// <summary>Whether a tensor is float32, in the host's memory, row after row.</summary>
    public static bool IsPlain(Tensor tensor) => tensor.device.type is TorchSharp.DeviceType.CPU && tensor.dtype is ScalarType.Float32 && tensor.is_contiguous();

    /// <summary>The first number; valid as long as the tensor lives.</summary>
    /// <typeparam name="T">What the tensor's elements are.</typeparam>
    /// <param name="tensor">Contiguous, on the CPU.</param>
    public static T* Of<T>(Tensor tensor) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes)); // libtorch's memory does not move

    /// <summary>Zeroed memory that begins at a cache line. The caller frees it.</summary>
    public static T* Allocate<T>(long count) where T : unmanaged
    {
        nuint bytes = (nuint)(count * sizeof(T));
        void* memory = NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(memory, bytes);
        return (T*)memory;
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);
}
