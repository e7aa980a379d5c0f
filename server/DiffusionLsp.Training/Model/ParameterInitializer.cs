using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>Initial weights: norms 1, biases 0, projections into the residual stream 0 (each layer starts as the identity), the rest normal.</summary>
internal static class ParameterInitializer
{
    /// <returns>float32 tensors by name, in no dispose scope.</returns>
    public static Dictionary<string, Tensor> Create(ModelConfig config, int seed, Device device)
    {
        using var generator = new Generator((ulong)seed, CPU); // on the CPU, so that every device gets the same weights
        return ParameterTable.Shapes(config).ToDictionary(p => p.Key, p => Initial(p.Key, p.Value, generator).to(device).DetachFromDisposeScope());
    }

    private static Tensor Initial(string name, long[] shape, Generator generator)
    {
        if (name.EndsWith("norm.weight", StringComparison.Ordinal)) return ones(shape);
        if (shape.Length == 1 || name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal))
            return zeros(shape);
        // Fan-in scaling; the embedding may also be the output layer, where 0.02 keeps the first logits small.
        double deviation = name is ParameterTable.Embedding or ParameterTable.OutputLayer ? 0.02 : 1 / Math.Sqrt(shape[1]);
        return randn(shape, generator: generator).TimesInPlace(deviation);
    }
}
