using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>Sums losses and gradient norms where they arise and reads them when they are asked for, because every read waits for the GPU.</summary>
internal sealed class TrainingReport(Device device) : IDisposable
{
    private readonly Tensor sums = zeros(3, ScalarType.Float64, device).DetachFromDisposeScope();
    private int steps;

    /// <summary>Adds a step.</summary>
    /// <param name="losses">(2): of clean rows and of hidden tokens</param>
    /// <param name="norm">() of the gradient</param>
    public void Add(Tensor losses, Tensor norm)
    {
        using var scope = NewDisposeScope();
        sums.PlusInPlace(cat([losses.to(ScalarType.Float64), norm.to(ScalarType.Float64).view(1)]));
        steps++;
    }

    /// <summary>The means since the last call.</summary>
    public (StepLosses Losses, double GradientNorm) Take()
    {
        using var scope = NewDisposeScope();
        double[] all = sums.cpu().data<double>().ToArray();
        (double count, steps) = (Math.Max(1, steps), 0);
        sums.zero_();
        return (new StepLosses(all[0] / count, all[1] / count), all[2] / count);
    }

    public void Dispose() => sums.Dispose();
}
