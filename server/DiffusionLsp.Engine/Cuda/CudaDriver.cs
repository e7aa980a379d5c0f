using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Cuda;

/// <summary>
/// The functions of the CUDA driver API (cuda.h) that our kernels and graphs need. Handles are the driver's pointers. Everything runs in the
/// context that is current on the calling thread, which is libtorch's.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private const int CaptureThreadLocal = 1; // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may continue to allocate
    private const uint NonBlocking = 1; // CU_STREAM_NON_BLOCKING: no implicit synchronisation with the default stream

    private readonly nint library;
    private readonly delegate* unmanaged<int, byte**, int> errorName;
    private readonly delegate* unmanaged<nint*, byte*, int> loadModule;
    private readonly delegate* unmanaged<nint, int> unloadModule;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> function;
    private readonly delegate* unmanaged<nint*, uint, int> createStream;
    private readonly delegate* unmanaged<nint, int> destroyStream, synchronize, destroyGraph, destroyExecutable;
    private readonly delegate* unmanaged<nint, int, int> beginCapture;
    private readonly delegate* unmanaged<nint, nint*, int> endCapture;
    private readonly delegate* unmanaged<nint*, nint, ulong, int> instantiate;
    private readonly delegate* unmanaged<nint, nint, int> launchGraph;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> launch;
    private readonly delegate* unmanaged<nint, nint, nuint, nint, int> copyToDevice, copyToHost;
    private readonly delegate* unmanaged<nint*, nuint, uint, int> allocateHost;
    private readonly delegate* unmanaged<nint, int> freeHost;
    private readonly delegate* unmanaged<nint*, int> currentContext;

    /// <param name="path">Name or path of the driver's library; null: the system's.</param>
    /// <exception cref="CudaDriverException">It is missing or too old.</exception>
    public CudaDriver(string? path = null)
    {
        path ??= OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(path, out library)) throw new CudaDriverException($"the CUDA driver's library {path} cannot be loaded");
        errorName = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorName");
        loadModule = (delegate* unmanaged<nint*, byte*, int>)Export("cuModuleLoadData");
        unloadModule = (delegate* unmanaged<nint, int>)Export("cuModuleUnload");
        function = (delegate* unmanaged<nint*, nint, byte*, int>)Export("cuModuleGetFunction");
        createStream = (delegate* unmanaged<nint*, uint, int>)Export("cuStreamCreate");
        destroyStream = (delegate* unmanaged<nint, int>)Export("cuStreamDestroy_v2");
        synchronize = (delegate* unmanaged<nint, int>)Export("cuStreamSynchronize");
        beginCapture = (delegate* unmanaged<nint, int, int>)Export("cuStreamBeginCapture_v2");
        endCapture = (delegate* unmanaged<nint, nint*, int>)Export("cuStreamEndCapture");
        instantiate = (delegate* unmanaged<nint*, nint, ulong, int>)Export("cuGraphInstantiateWithFlags");
        launchGraph = (delegate* unmanaged<nint, nint, int>)Export("cuGraphLaunch");
        destroyGraph = (delegate* unmanaged<nint, int>)Export("cuGraphDestroy");
        destroyExecutable = (delegate* unmanaged<nint, int>)Export("cuGraphExecDestroy");
        launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export("cuLaunchKernel");
        copyToDevice = (delegate* unmanaged<nint, nint, nuint, nint, int>)Export("cuMemcpyHtoDAsync_v2");
        copyToHost = (delegate* unmanaged<nint, nint, nuint, nint, int>)Export("cuMemcpyDtoHAsync_v2");
        allocateHost = (delegate* unmanaged<nint*, nuint, uint, int>)Export("cuMemHostAlloc");
        freeHost = (delegate* unmanaged<nint, int>)Export("cuMemFreeHost");
        currentContext = (delegate* unmanaged<nint*, int>)Export("cuCtxGetCurrent");
        Check(((delegate* unmanaged<uint, int>)Export("cuInit"))(0), "cuInit");
    }

    /// <exception cref="CudaDriverException">No context is current on this thread.</exception>
    public void RequireContext()
    {
        nint context;
        Check(currentContext(&context), "cuCtxGetCurrent");
        if (context == 0) throw new CudaDriverException("the decode thread has no CUDA context");
    }

    /// <summary>Compiles PTX for the device.</summary>
    /// <returns>A module, to be unloaded.</returns>
    public nint Load(string ptx)
    {
        nint module;
        byte* text = Utf8(ptx);
        try
        {
            Check(loadModule(&module, text), "cuModuleLoadData");
        }
        finally
        {
            NativeMemory.Free(text);
        }
        return module;
    }

    public void Unload(nint module) => unloadModule(module);

    /// <summary>A kernel of a module.</summary>
    public nint Function(nint module, string name)
    {
        nint found;
        byte* text = Utf8(name);
        try
        {
            Check(function(&found, module, text), $"cuModuleGetFunction for {name}");
        }
        finally
        {
            NativeMemory.Free(text);
        }
        return found;
    }

    public nint CreateStream()
    {
        nint stream;
        Check(createStream(&stream, NonBlocking), "cuStreamCreate");
        return stream;
    }

    public void DestroyStream(nint stream) => destroyStream(stream);

    /// <summary>Waits for a stream; 0 is the default stream.</summary>
    public void Synchronize(nint stream) => Check(synchronize(stream), "cuStreamSynchronize");

    /// <summary>Page-locked host memory, which asynchronous copies need.</summary>
    public nint AllocateHost(int bytes)
    {
        nint address;
        Check(allocateHost(&address, (nuint)bytes, 0), "cuMemHostAlloc");
        new Span<byte>((void*)address, bytes).Clear();
        return address;
    }

    public void FreeHost(nint address) => freeHost(address);

    public void CopyToDevice(nint device, nint host, long bytes, nint stream) => Check(copyToDevice(device, host, (nuint)bytes, stream), "cuMemcpyHtoDAsync");

    public void CopyToHost(nint host, nint device, long bytes, nint stream) => Check(copyToHost(host, device, (nuint)bytes, stream), "cuMemcpyDtoHAsync");

    /// <summary>Launches a kernel, or records the launch while the stream is captured.</summary>
    /// <param name="threads">Threads per block.</param>
    /// <param name="arguments">The kernel's arguments in order, each in the low bytes of a word.</param>
    public void Launch(nint kernel, (int X, int Y, int Z) grid, int threads, nint stream, params ReadOnlySpan<ulong> arguments)
    {
        fixed (ulong* values = arguments)
        {
            void** addresses = stackalloc void*[arguments.Length];
            for (int i = 0; i < arguments.Length; i++) addresses[i] = values + i;
            Check(launch(kernel, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)threads, 1, 1, 0, stream, addresses, null), "cuLaunchKernel");
        }
    }

    /// <summary>Records what is launched on a stream as a graph.</summary>
    /// <param name="stream">Not the default stream, which cannot be captured.</param>
    /// <returns>An executable graph, to be destroyed.</returns>
    public nint Capture(nint stream, Action record)
    {
        Check(beginCapture(stream, CaptureThreadLocal), "cuStreamBeginCapture");
        nint graph = 0, executable;
        try
        {
            record();
        }
        catch
        {
            endCapture(stream, &graph); // a stream left in capture mode could not be used again
            if (graph != 0) destroyGraph(graph);
            throw;
        }
        Check(endCapture(stream, &graph), "cuStreamEndCapture");
        try
        {
            Check(instantiate(&executable, graph, 0), "cuGraphInstantiate");
        }
        finally
        {
            destroyGraph(graph);
        }
        return executable;
    }

    public void Replay(nint executable, nint stream) => Check(launchGraph(executable, stream), "cuGraphLaunch");

    public void Destroy(nint executable) => destroyExecutable(executable);

    private void Check(int code, string call)
    {
        if (code == 0) return;
        byte* name = null;
        string answer = errorName(code, &name) == 0 && name != null ? Marshal.PtrToStringUTF8((nint)name)! : $"error {code}";
        throw new CudaDriverException($"{call} answered {answer}", code);
    }

    private void* Export(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? (void*)address
        : throw new CudaDriverException($"the CUDA driver lacks the function {name}; install a newer driver (CUDA 12 or later)");

    private static byte* Utf8(string text)
    {
        int length = System.Text.Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        System.Text.Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }
}
