using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>How many CPU threads libtorch's operators use.</summary>
internal static class LibtorchThreads
{
    /// <summary>Sets the number for operators that the calling thread starts, whatever other threads have set.</summary>
    /// <remarks>
    /// libtorch keeps one number per thread; a thread's first operator initialises it to the number most recently set on any thread.
    /// Reading the number also initialises it, so that the number set afterwards is kept.
    /// </remarks>
    public static void Set(int threads)
    {
        _ = get_num_threads();
        set_num_threads(threads);
    }
}
