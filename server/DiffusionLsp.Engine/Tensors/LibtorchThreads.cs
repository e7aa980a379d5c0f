using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>How many CPU threads libtorch's operators use.</summary>
internal static class LibtorchThreads
{
    /// <summary>Sets the number for operators that the calling thread starts, whatever other threads have set.</summary>
    /// <remarks>
    /// libtorch keeps a number per thread, and a thread's first operator takes it from the one that any thread set last. Asking for
    /// the number counts as a first operator, so that what is set afterwards stays.
    /// </remarks>
    public static void Set(int threads)
    {
        _ = get_num_threads();
        set_num_threads(threads);
    }
}
