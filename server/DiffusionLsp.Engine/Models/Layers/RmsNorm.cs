using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Layers;

/// <summary>Root-mean-square normalisation over the last dimension: x · w / sqrt(mean(x²) + ε). TorchSharp has none.</summary>
internal static class RmsNorm
{
    /// <param name="x">(…, D), any floating type; the result has the same.</param>
    /// <param name="weight">(D)</param>
    public static Tensor Apply(Tensor x, Tensor weight, double epsilon)
    {
        // The mean is taken in float32: bfloat16 has 8 bits of mantissa.
        using var square = x.Squared();
        using var mean = square.mean([-1], keepdim: true, type: ScalarType.Float32);
        using var scale = mean.Plus(epsilon).rsqrt().to(x.dtype);
        using var normal = x * scale;
        return normal * weight;
    }
}
