using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>Initial weights: norms 1, biases 0, projections into the residual stream 0 (each layer starts as the identity), the rest normal.</summary>
internal static class ParameterInitializer
{
    /// <param name="parameters">float32 tensors by name, in the order of <see cref="ParameterTable"/>.</param>
    public static void Fill(IReadOnlyDictionary<string, Tensor> parameters, int seed)
    {
        using var generator = new Generator((ulong)seed, CPU); // on the CPU, so that every device gets the same weights
        foreach ((string name, Tensor parameter) in parameters) parameter.copy_(Initial(name, parameter.shape, generator));
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
