using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.FewRows;

/// <summary>Keys and values of one layer where they lie in memory.</summary>
/// <param name="HeadStride">Numbers from one head to the next.</param>
internal readonly unsafe record struct HostRows(IntPtr KeyAddress, IntPtr ValueAddress, long HeadStride)
{
    /// <summary>(K, capacity, d), rotated.</summary>
    public float* Keys => (float*)KeyAddress;

    /// <summary>(K, capacity, d)</summary>
    public float* Values => (float*)ValueAddress;

    /// <param name="keys">(1, K, capacity, d), plain; outlives this</param>
    /// <param name="values">(1, K, capacity, d), plain; outlives this</param>
    public static HostRows Of(Tensor keys, Tensor values) => new((IntPtr)HostMemory.Of<float>(keys), (IntPtr)HostMemory.Of<float>(values), keys.shape[2] * keys.shape[3]);
}
