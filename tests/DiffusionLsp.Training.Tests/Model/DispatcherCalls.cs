using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>
/// Counts the calls through libtorch's dispatcher that a piece of work makes on this thread, operators of the backward pass and those that
/// operators call themselves included, as torch.profiler would list them. TorchSharp exposes no profiler, so libtorch's own observer is
/// registered by its C++ name.
/// </summary>
internal static unsafe class DispatcherCalls
{
    [ThreadStatic] private static long calls;

    /// <summary>Whether the C++ calling convention is the one below.</summary>
    public static bool AreCountable => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64;

    /// <summary>The number of calls.</summary>
    public static long Of(Action work)
    {
        nint library = NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null);
        var add = (delegate* unmanaged<Callback, ulong>)NativeLibrary.GetExport(library, "_ZN2at22addThreadLocalCallbackENS_22RecordFunctionCallbackE");
        var remove = (delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(library, "_ZN2at14removeCallbackEm");
        var callback = new Callback { Start = &OnStart, Probability = 1 };
        callback.Scopes[0] = 1; // RecordScope::FUNCTION: operators
        long before = calls;
        ulong handle = add(callback);
        try { work(); }
        finally { remove(handle); }
        return calls - before;
    }

    /// <summary>at::RecordFunctionCallback (ATen/record_function.h, libtorch 2.10), which is passed in memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public delegate* unmanaged<nint*, nint, nint*> Start; // returns a unique_ptr, through a hidden first argument
        public nint End;
        public double Probability;
        public ScopeFlags Scopes;
        public byte NeedsInputs, NeedsOutputs, NeedsIds;
    }

    [InlineArray(10)] // RecordScope::NUM_SCOPES
    private struct ScopeFlags
    {
        private byte first;
    }

    [UnmanagedCallersOnly]
    private static nint* OnStart(nint* context, nint function)
    {
        calls++;
        *context = 0;
        return context;
    }
}

/// <summary>A test that counts calls. Where they cannot be counted, it is reported as skipped, with the reason; under CI=true it fails.</summary>
public sealed class CountedTheoryAttribute : TheoryAttribute
{
    public CountedTheoryAttribute() => Skip = DispatcherCalls.AreCountable || Environment.GetEnvironmentVariable("CI") == "true" ? null
        : "Calls are counted through a C++ interface of libtorch that is known for Linux on x64 only.";
}
