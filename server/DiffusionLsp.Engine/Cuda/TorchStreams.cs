using System.Runtime.InteropServices;
using TorchSharp;

namespace DiffusionLsp.Engine.Cuda;

/// <summary>
/// libtorch's current CUDA stream, through its C interface (torch/csrc/inductor/aoti_torch/c/shim.h, torch/csrc/stable/c/shim.h; libtorch 2.10 and later).
/// </summary>
internal sealed unsafe class TorchStreams
{
    private readonly delegate* unmanaged<int, nint*, int> current;
    private readonly delegate* unmanaged<nint, int, int> set;

    private TorchStreams(nint current, nint set)
    {
        this.current = (delegate* unmanaged<int, nint*, int>)current;
        this.set = (delegate* unmanaged<nint, int, int>)set;
    }

    /// <summary>Null: this libtorch lacks the interface.</summary>
    public static TorchStreams? Find() =>
        NativeLibrary.TryLoad("torch_cuda", typeof(torch).Assembly, null, out nint library)
        && NativeLibrary.TryGetExport(library, "aoti_torch_get_current_cuda_stream", out nint current)
        && NativeLibrary.TryGetExport(library, "torch_set_current_cuda_stream", out nint set)
            ? new TorchStreams(current, set) : null;

    /// <summary>The stream that libtorch launches on; 0: the default stream.</summary>
    public nint Current
    {
        get
        {
            nint stream;
            if (current(0, &stream) != 0) throw new CudaDriverException("libtorch did not return its CUDA stream");
            return stream;
        }
    }

    /// <summary>Runs something with another stream as libtorch's current one.</summary>
    public void On(nint stream, Action run)
    {
        nint before = Current;
        Set(stream);
        try
        {
            run();
        }
        finally
        {
            Set(before);
        }
    }

    private void Set(nint stream)
    {
        if (set(stream, 0) != 0) throw new CudaDriverException("libtorch did not accept a CUDA stream");
    }
}
