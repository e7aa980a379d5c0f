using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Reads a checkpoint of a small model for the kernels of our own. Needs no libtorch.</summary>
internal static class HostWeightLoader
{
    /// <summary>Checks names, shapes and types first, then reads.</summary>
    /// <param name="progress">Told the share that has been read, 0 to 1; null: nobody listens.</param>
    /// <returns>The caller's; null: these kernels do not take the model, which is seen before or while it is read.</returns>
    /// <exception cref="EngineException">Something does not fit or is not finite.</exception>
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
            checkpoint.RequireUnchanged(); // first: half of either may well hold no numbers
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
