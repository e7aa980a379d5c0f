using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Layers;

/// <summary>
/// Root-mean-square normalisation over the last dimension: x · w / sqrt(mean(x²) + ε). TorchSharp has none; on a GPU libtorch's own is one kernel
/// instead of seven. On a CPU it is made of operators too, and in bfloat16 of slower ones.
/// </summary>
internal static class RmsNorm
{
    /// <param name="x">(…, D), any floating type; the result has the same.</param>
    /// <param name="weight">(D), or (H, D) for rows of several kinds.</param>
    public static Tensor Apply(Tensor x, Tensor weight, double epsilon)
    {
        if (x.device.type is DeviceType.CUDA && StableOperators.AreThere) return Fused(x, weight, epsilon);
        // The mean is taken in float32: bfloat16 has 8 bits of mantissa.
        using var square = x.Squared();
        using var mean = square.mean([-1], keepdim: true, type: ScalarType.Float32);
        using var scale = mean.Plus(epsilon).rsqrt().to(x.dtype);
        using var normal = x * scale;
        return normal * weight;
    }

    /// <summary>In one operator, or two where rows differ in their weights.</summary>
    public static Tensor Fused(Tensor x, Tensor weight, double epsilon)
    {
        if (weight.dim() == 1) return StableOperators.RmsNorm(x, weight, epsilon);
        using var normal = StableOperators.RmsNorm(x, null, epsilon);
        return normal * weight;
    }
}
