using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Layers;

/// <summary>
/// Root-mean-square normalisation over the last dimension: x · w / sqrt(mean(x²) + ε). TorchSharp has none. On a GPU libtorch's own is one
/// kernel instead of seven; on a CPU it is composed of operators as well, and of slower ones in bfloat16.
/// </summary>
internal static class RmsNorm
{
    /// <param name="x">(…, D), any floating-point type; the result has the same.</param>
    /// <param name="weight">(D), or (H, D) for different weights per head.</param>
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

    /// <summary>One operator, or two if rows have different weights.</summary>
    public static Tensor Fused(Tensor x, Tensor weight, double epsilon)
    {
        if (weight.dim() == 1) return StableOperators.RmsNorm(x, weight, epsilon);
        using var normal = StableOperators.RmsNorm(x, null, epsilon);
        return normal * weight;
    }
}
