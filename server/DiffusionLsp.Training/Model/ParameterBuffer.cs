using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>A model's master weights in float32, in one buffer; parameters are views into it. It belongs to no dispose scope.</summary>
internal sealed class ParameterBuffer : IDisposable
{
    /// <summary>Initial weights.</summary>
    public ParameterBuffer(ModelConfig config, int seed, Device device)
    {
        Layout = new FlatLayout(config);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Flat = empty(Layout.Length, ScalarType.Float32, device).DetachFromDisposeScope();
        ByName = Layout.Parameters.ToDictionary(p => p.Key, p => p.Value.Of(Flat).DetachFromDisposeScope());
        ParameterInitializer.Fill(ByName, seed);
    }

    public FlatLayout Layout { get; }

    /// <summary>(Layout.Length) float32</summary>
    public Tensor Flat { get; }

    /// <summary>Views by Hugging Face name.</summary>
    public Dictionary<string, Tensor> ByName { get; }

    public void Dispose()
    {
        foreach (Tensor view in ByName.Values) view.Dispose();
        Flat.Dispose();
    }
}
