using DiffusionLsp.Engine.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// Reads a checkpoint's tensors directly into place on the device: fused, in the type used for computation, without a second
/// copy of any of them. It knows no files beyond <see cref="CheckpointFolder"/>.
/// </summary>
internal static class WeightLoader
{
    /// <summary>Checks names, shapes and types first, then reads. The tensors are the caller's.</summary>
    /// <param name="progress">Called with the fraction read, 0 to 1; null: not reported.</param>
    /// <exception cref="EngineException">A name, shape or type does not match, a number is not finite, or memory is exhausted.</exception>
    public static IReadOnlyDictionary<string, Tensor> Load(ModelOutline model, CheckpointFolder checkpoint, Device device, ScalarType dataType, Action<double>? progress = null)
    {
        IReadOnlyList<StoredTensor> stored = model.Tensors;
        checkpoint.RequireFit(stored.ToDictionary(t => t.Name, t => t.Shape), ModelOutline.IsIgnored);
        var held = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach ((string name, long[] shape) in FusedParameters.Shapes(model.Config))
                held.Add(name, empty(shape, dtype: IsRouter(name) ? ScalarType.Float32 : dataType, device: device).DetachFromDisposeScope());
            Read(stored, checkpoint, held, progress);
            return held;
        }
        catch (Exception e)
        {
            foreach (Tensor tensor in held.Values) tensor.Dispose();
            if (e is not System.Runtime.InteropServices.ExternalException) throw;
            throw new EngineException($"The weights in '{model.Folder}' do not fit on the device {device} ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}); use a smaller model or another device.", e);
        }
    }

    private static void Read(IReadOnlyList<StoredTensor> stored, CheckpointFolder checkpoint, Dictionary<string, Tensor> held, Action<double>? progress)
    {
        long all = stored.Sum(t => t.Count), done = 0;
        var broken = new List<string>();
        foreach (StoredTensor tensor in checkpoint.InFileOrder(stored, t => t.Name))
        {
            using var scope = NewDisposeScope();
            Tensor target = Target(held[tensor.Place.Parameter], tensor);
            checkpoint.FileOf(tensor.Name).ReadInto(tensor.Name, target);
            if (!target.isfinite().all().item<bool>()) broken.Add(tensor.Name);
            progress?.Invoke((double)(done += tensor.Count) / all);
        }
        checkpoint.RequireUnchanged(); // first: a half-written file may well contain NaN
        checkpoint.RefuseNonFinite(broken);
    }

    /// <summary>The rows of a parameter that a stored tensor fills.</summary>
    private static Tensor Target(Tensor parameter, StoredTensor tensor) => tensor.Place.Rows == 0
        ? parameter
        : parameter.view([tensor.Place.Rows, .. tensor.Shape[1..]]).narrow(0, tensor.Place.FirstRow, tensor.Shape[0]);

    /// <summary>Routers are computed in float32: bfloat16's eight bits must not decide which expert is chosen.</summary>
    private static bool IsRouter(string name) => name.Contains(".mlp.gate.", StringComparison.Ordinal);
}
