using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>A transformer with random weights, created on its device in its compute type. It knows no files.</summary>
internal sealed class NoiseModel : IDisposable
{
    private readonly Dictionary<string, Tensor> weights = [];

    public NoiseModel(ModelConfig config, Device device, ScalarType dataType)
    {
        using var noGradient = no_grad();
        foreach ((string name, long[] shape) in FusedParameters.Shapes(config))
        {
            // Scaling by fan-in keeps the magnitude of a row from layer to layer, as in a trained model.
            float scale = shape.Length > 1 ? (float)(1 / Math.Sqrt(shape[^1])) : 0;
            weights[name] = Filled(shape, name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0, scale, dataType, device);
        }
        Transformer = new Transformer(config, weights);
    }

    /// <summary>The same weights on another device or in another type.</summary>
    public NoiseModel(NoiseModel other, Device device, ScalarType dataType)
    {
        using var noGradient = no_grad();
        foreach ((string name, Tensor weight) in other.weights)
        {
            using var scope = NewDisposeScope();
            weights[name] = weight.to(device).to(dataType).clone().DetachFromDisposeScope();
        }
        Transformer = new Transformer(other.Transformer.Config, weights);
    }

    public Transformer Transformer { get; }

    /// <summary>A parameter by its fused name.</summary>
    public Tensor Weight(string name) => weights[name];

    /// <summary>Bytes that a forward reads: everything except the embedding, of which it reads only single rows.</summary>
    public long BytesRead => weights.Where(w => w.Key != ParameterTable.Embedding || Transformer.Config.TieEmbeddings).Sum(w => w.Value.numel() * w.Value.element_size());

    private static Tensor Filled(long[] shape, double mean, float scale, ScalarType dataType, Device device)
    {
        var made = empty(shape, dtype: dataType, device: device).DetachFromDisposeScope();
        nn.init.normal_(made, mean, scale);
        return made;
    }

    public void Dispose()
    {
        Transformer.Dispose();
        foreach (Tensor weight in weights.Values) weight.Dispose();
    }
}
