using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>libtorch, loaded when something first needs it: a GPU, or a model that the kernels of our own do not take.</summary>
/// <param name="folder">The user's libtorch; null: see <see cref="NativeBackend.Load"/>.</param>
/// <param name="threads">CPU threads; 0: libtorch's own choice.</param>
internal sealed class Libtorch(string? folder = null, int threads = 0)
{
    /// <summary>Loads it, once.</summary>
    /// <exception cref="EngineException">It is missing or does not load.</exception>
    public void Require() => Explained(() =>
    {
        NativeBackend.Load(folder);
        SetThreads();
        return true;
    });

    /// <summary>Whether it can use an NVIDIA GPU. It is loaded only if it was built for one.</summary>
    /// <exception cref="EngineException">The user's folder holds no libtorch, or it does not load.</exception>
    public bool SeesGpu()
    {
        if (!Explained(() => NativeBackend.IsForGpu(folder))) return false;
        Require();
        return IsGpuUsable();
    }

    // Each in a method of its own: what touches torch's class loads libtorch.
    private void SetThreads()
    {
        if (threads > 0) set_num_threads(threads);
    }

    private static bool IsGpuUsable() => cuda.is_available();

    private static T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (NativeBackendException e)
        {
            throw new EngineException(e.Message, e);
        }
    }
}
