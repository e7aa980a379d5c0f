using System.Runtime.InteropServices;
using System.Runtime.Loader;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Finds and loads libtorch and TorchSharp's native shim, before anything touches <c>torch</c>, and says what it did.
/// It knows nothing of devices or models. Nothing here writes to the console.
/// </summary>
/// <remarks>
/// Two things would otherwise go wrong. TorchSharp's shim demands the symbol version GLIBCXX_3.4.32 (GCC 13), for a
/// symbol that no relocation uses, so it does not load on Debian 12 or Ubuntu 22.04; and when it does not load,
/// TorchSharp copies half a gigabyte of libraries and prints to stdout, which is the LSP channel.
/// </remarks>
public static class NativeBackend
{
    /// <summary>The environment variable that names a folder with libtorch (for example a Python torch's <c>lib</c>).</summary>
    public const string LibtorchFolderVariable = "DIFFUSION_LSP_LIBTORCH";

    private static readonly Lock Gate = new();
    private static NativeBackendInfo? loaded;

    /// <summary>Loads the libraries once; later calls return the first result.</summary>
    /// <param name="libtorchFolder">Folder with libtorch to use instead of the packaged one; null: the environment variable, then the package, then what was fetched.</param>
    /// <exception cref="NativeBackendException">A library is missing or does not load; the message names the cause and the cure.</exception>
    public static NativeBackendInfo Load(string? libtorchFolder = null)
    {
        lock (Gate)
        {
            return loaded ??= LoadOnce(Find(libtorchFolder) ?? throw Missing());
        }
    }

    /// <summary>Whether the libtorch that <see cref="Load"/> would load was built for NVIDIA GPUs. Loads nothing.</summary>
    /// <param name="libtorchFolder">As for <see cref="Load"/>.</param>
    /// <exception cref="NativeBackendException">The user's folder holds no libtorch.</exception>
    public static bool IsForGpu(string? libtorchFolder = null) =>
        (Loaded?.LibtorchFolder ?? Find(libtorchFolder)?.Folder) is { } folder && File.Exists(Path.Combine(folder, FileName("torch_cuda")));

    /// <summary>What was loaded; null: nothing yet.</summary>
    public static NativeBackendInfo? Loaded => loaded;

    /// <summary>The libtorch that <see cref="Load"/> would load; null: there is none.</summary>
    /// <inheritdoc cref="Load" path="/param"/>
    /// <exception cref="NativeBackendException">A folder that the user named holds none.</exception>
    public static LibtorchPlace? Find(string? libtorchFolder = null)
    {
        string library = FileName("torch_cpu"), named = string.IsNullOrWhiteSpace(libtorchFolder) ? Environment.GetEnvironmentVariable(LibtorchFolderVariable) ?? "" : libtorchFolder;
        return LibtorchPlace.Find(named, Path.GetDirectoryName(FindInSearchPath(library)), LibtorchPackage.Here?.Folder, library);
    }

    private static NativeBackendException Missing() => new($"What was asked for needs libtorch, which is not part of this package; {LibtorchPackage.Cure}.");

    private static NativeBackendInfo LoadOnce(LibtorchPlace place)
    {
        string shim = FindInSearchPath(FileName("LibTorchSharp"))
            ?? throw new NativeBackendException(LibtorchPackage.Here is null ? Missing().Message : $"TorchSharp's native library {FileName("LibTorchSharp")} is not beside the program; build or install DiffusionLsp again.");
        string folder = place.Folder;
        WorkingFolder.Ensure(); // in one that is gone, libtorch's MKL ends the process
        OpenMpWaiting.Sleep();
        var loaded = Preload(folder);
        string cure = "none needed";
        if (OperatingSystem.IsLinux() && LibStdCxx.Lacks(RelaxedShim.Version))
        {
            (loaded["LibTorchSharp"], string where) = RelaxedShim.Load(shim);
            cure = $"libstdc++ is older than {RelaxedShim.Version}: a private copy of the shim accepts it ({where})";
        }
        else
        {
            loaded["LibTorchSharp"] = LoadLibrary(shim);
        }
        // TorchSharp asks for these two by name: its shim, and torch_cuda before it uses a GPU.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => loaded.GetValueOrDefault(name);
        return new NativeBackendInfo(folder, place.Origin, shim, cure);
    }

    /// <summary>Loads libtorch by full path, so that the shim's own needs are met wherever the shim lies.</summary>
    /// <returns>Handles by name.</returns>
    private static Dictionary<string, nint> Preload(string folder)
    {
        var loaded = new Dictionary<string, nint>();
        // Order matters: each needs the ones before it. CUDA libraries are absent from CPU builds.
        foreach (string name in new[] { "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch" })
        {
            string path = Path.Combine(folder, FileName(name));
            if (File.Exists(path)) loaded[name] = LoadLibrary(path);
        }
        return loaded;
    }

    private static nint LoadLibrary(string path)
    {
        try { return NativeLibrary.Load(path); }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new NativeBackendException($"'{path}' does not load ({e.Message.ReplaceLineEndings(" ").Trim()}); check that it fits this system and TorchSharp's libtorch 2.10.", e);
        }
    }

    private static string? FindInSearchPath(string file)
    {
        string rid = RuntimeInformation.RuntimeIdentifier;
        IEnumerable<string> folders = ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", rid, "native"));
        return folders.Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists);
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}

/// <summary>Which native libraries were loaded from where.</summary>
/// <param name="LibtorchFolder">Folder of libtorch.</param>
/// <param name="Origin">Who put it there, in words.</param>
/// <param name="ShimPath">TorchSharp's native library as it was found.</param>
/// <param name="Cure">What was done about an old libstdc++, in words.</param>
public sealed record NativeBackendInfo(string LibtorchFolder, string Origin, string ShimPath, string Cure);

/// <summary>A native library is missing or does not load. The message is one sentence with cause and cure.</summary>
public sealed class NativeBackendException(string message, Exception? inner = null) : Exception(message, inner);
