using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Tests.Cuda;

/// <summary>
/// The library of tests/kernels that stands in for the CUDA driver: it checks calls as the driver does, executes the kernels on the host, records
/// what is captured and replays it. Built of its sources when it is first needed, with g++.
/// </summary>
internal static unsafe class StandInDriver
{
    private static readonly Lazy<string> Built = new(Build);
    private static readonly Lazy<nint> Library = new(() => NativeLibrary.Load(Path));

    /// <summary>Path of the library.</summary>
    public static string Path => Built.Value;

    /// <summary>Launches, captures, replays and kernels run so far; then streams, graphs, executable graphs, modules, pinned blocks and events that exist.</summary>
    public static long[] Counts()
    {
        long* numbers = stackalloc long[10];
        ((delegate* unmanaged<long*, void>)NativeLibrary.GetExport(Library.Value, "stand_in_counts"))(numbers);
        return new ReadOnlySpan<long>(numbers, 10).ToArray();
    }

    /// <summary>What exists: it must be as before when everything is disposed.</summary>
    public static long[] Alive() => Counts()[4..];

    /// <summary>Lets one call fail.</summary>
    /// <param name="function">A function of the driver.</param>
    /// <param name="after">Calls of it that still succeed.</param>
    /// <param name="code">A CUresult.</param>
    public static void Fail(string function, int after, int code)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(function + "\0"))
            ((delegate* unmanaged<byte*, int, int, void>)NativeLibrary.GetExport(Library.Value, "stand_in_fail"))(name, after, code);
    }

    /// <summary>Nothing fails any more.</summary>
    public static void Mend() => ((delegate* unmanaged<byte*, int, int, void>)NativeLibrary.GetExport(Library.Value, "stand_in_fail"))(null, 0, 0);

    private static string Build()
    {
        string root = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(ThisFile())!, "..", "..", ".."), library = System.IO.Path.Combine(AppContext.BaseDirectory, "cuda-stand-in.so");
        var start = new ProcessStartInfo("node", ["eng/kernels.mjs", "--stand-in", library]) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return process.ExitCode == 0 ? library : throw new InvalidOperationException($"The stand-in for the CUDA driver could not be built: {output.Result}{errors.Result}");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

/// <summary>A test that needs the stand-in for the CUDA driver. Where it cannot be built, the test is reported as skipped, with the reason; under CI=true it fails.</summary>
public sealed class StandInFactAttribute : FactAttribute
{
    public StandInFactAttribute() => Skip = StandInTools.Missing;
}

/// <inheritdoc cref="StandInFactAttribute"/>
public sealed class StandInTheoryAttribute : TheoryAttribute
{
    public StandInTheoryAttribute() => Skip = StandInTools.Missing;
}

internal static class StandInTools
{
    /// <summary>Why the stand-in cannot be built, as a sentence; null: it can, or must.</summary>
    public static string? Missing { get; } =
        !OperatingSystem.IsLinux() ? "The stand-in for the CUDA driver is built on Linux."
        : Environment.GetEnvironmentVariable("CI") == "true" || (IsThere("g++") && IsThere("node")) ? null
        : "The stand-in for the CUDA driver needs g++ and node; install them.";

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(System.IO.Path.Combine(folder, program)));
}
