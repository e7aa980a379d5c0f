using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>libtorch, loaded on first use: for a GPU, or for a model that the built-in CPU kernels do not support.</summary>
/// <param name="folder">The user's libtorch; null: see <see cref="NativeBackend.Load"/>.</param>
/// <param name="threads">CPU threads; 0: libtorch's own choice.</param>
internal sealed class Libtorch(string? folder = null, int threads = 0)
{
    /// <summary>Loads libtorch once.</summary>
    /// <exception cref="EngineException">It is missing or cannot be loaded.</exception>
    public void Require() => Explained(() =>
    {
        NativeBackend.Load(folder);
        SetThreads();
        return true;
    });

    /// <summary>Whether libtorch can use an NVIDIA GPU. Loads it only if it was built for one.</summary>
    /// <exception cref="EngineException">The user's folder contains no libtorch, or it cannot be loaded.</exception>
    public bool SeesGpu()
    {
        if (!Explained(() => NativeBackend.IsForGpu(folder))) return false;
        Require();
        return IsGpuUsable();
    }

    // In separate methods, because the first use of the torch class loads libtorch.
    private void SetThreads()
    {
        if (threads > 0) LibtorchThreads.Set(threads);
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
