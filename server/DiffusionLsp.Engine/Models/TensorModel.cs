using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>A model's weights in tensors, and the transformer over them.</summary>
internal sealed class TensorModel : IDisposable
{
    private readonly IReadOnlyDictionary<string, Tensor> weights;

    private TensorModel(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        this.weights = weights;
        using var noGradient = no_grad();
        Transformer = new Transformer(config, weights);
    }

    public Transformer Transformer { get; }

    /// <summary>Loads libtorch first, if nothing else did.</summary>
    /// <exception cref="EngineException">It is missing, or the weights do not fit.</exception>
    public static TensorModel Load(ModelOutline outline, CheckpointFolder checkpoint, ComputeDevice compute, LoadOptions options)
    {
        options.Libtorch.Require();
        return Loaded(outline, checkpoint, compute, options.Progress);
    }

    private static TensorModel Loaded(ModelOutline outline, CheckpointFolder checkpoint, ComputeDevice compute, Action<double>? progress)
    {
        IReadOnlyDictionary<string, Tensor> weights = WeightLoader.Load(outline, checkpoint, compute.Device, compute.DataType, progress);
        try
        {
            return new TensorModel(outline.Config, weights);
        }
        catch
        {
            foreach (Tensor tensor in weights.Values) tensor.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Transformer.Dispose();
        foreach (Tensor tensor in weights.Values) tensor.Dispose();
    }
}
