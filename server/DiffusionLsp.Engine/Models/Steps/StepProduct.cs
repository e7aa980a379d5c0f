using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>A product of a static step, y ← x · Wᵀ + b or y ← y + x · Wᵀ, over fixed memory: as tensor views for libtorch and as addresses for our kernels.</summary>
internal sealed class StepProduct : IDisposable
{
    private readonly Tensor? transposed;

    /// <param name="x">(≥ R, I), contiguous</param>
    /// <param name="weight">(O, I), contiguous</param>
    /// <param name="bias">(O); null: none</param>
    /// <param name="y">(≥ R, O), contiguous</param>
    /// <param name="rows">Rows multiplied (R).</param>
    /// <param name="adds">Whether the product is added to y.</param>
    public StepProduct(Tensor x, Tensor weight, Tensor? bias, Tensor y, int rows, bool adds)
    {
        (X, Y) = (x.narrow(0, 0, rows).DetachFromDisposeScope(), y.narrow(0, 0, rows).DetachFromDisposeScope());
        (Weight, Bias, Rows, Adds) = (weight, bias, rows, adds);
        if (adds) transposed = weight.t().DetachFromDisposeScope();
        (XAddress, WeightAddress, YAddress) = (X.Address(), weight.Address(), Y.Address());
        BiasAddress = bias is null ? 0 : bias.Address();
    }

    public Tensor X { get; }
    public Tensor Y { get; }
    public Tensor Weight { get; }
    public Tensor? Bias { get; }

    /// <summary>(I, O), if the product is added.</summary>
    public Tensor Transposed => transposed ?? throw new InvalidOperationException("The product is not added to anything.");

    public int Rows { get; }
    public int Inputs => (int)Weight.shape[1];
    public int Outputs => (int)Weight.shape[0];
    public bool Adds { get; }

    public nint XAddress { get; }
    public nint WeightAddress { get; }

    /// <summary>0: no bias.</summary>
    public nint BiasAddress { get; }

    public nint YAddress { get; }

    public void Dispose()
    {
        X.Dispose();
        Y.Dispose();
        transposed?.Dispose();
    }
}
