using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Reads a small model's checkpoint for our own CPU kernels. Needs no libtorch.</summary>
internal static class HostWeightLoader
{
    /// <summary>Checks names, shapes and types first, then reads.</summary>
    /// <param name="progress">Called with the fraction read, 0 to 1; null: not reported.</param>
    /// <returns>Owned by the caller; null: these kernels do not support the model, which may show only while it is read.</returns>
    /// <exception cref="EngineException">A name, shape or type does not match, or a number is not finite.</exception>
    public static HostWeights? TryLoad(ModelOutline model, CheckpointFolder checkpoint, Action<double>? progress = null)
    {
        if (!CpuTransformer.Suits(model.Config)) return null;
        IReadOnlyList<StoredTensor> stored = model.Tensors;
        checkpoint.RequireFit(stored.ToDictionary(t => t.Name, t => t.Shape), ModelOutline.IsIgnored);
        long all = stored.Sum(t => t.Count), done = 0;
        var broken = new List<string>();
        HostWeights? weights = HostWeights.TryMake(model.Config, [.. checkpoint.InFileOrder(stored, t => t.Name)], (tensor, target) =>
        {
            if (!checkpoint.FileOf(tensor.Name).ReadFloats(tensor.Name, target)) broken.Add(tensor.Name);
            progress?.Invoke((double)(done += tensor.Count) / all);
        });
        try
        {
            checkpoint.RequireUnchanged(); // first: a half-written file may well contain NaN
            checkpoint.RefuseNonFinite(broken);
        }
        catch
        {
            weights?.Dispose();
            throw;
        }
        return weights;
    }
}
