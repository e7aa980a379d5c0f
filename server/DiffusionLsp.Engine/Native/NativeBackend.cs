using System.Runtime.InteropServices;
using System.Runtime.Loader;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Finds and loads libtorch and TorchSharp's native shim before anything touches <c>torch</c>, and reports what it did.
/// It knows nothing of devices or models. Nothing here writes to the console.
/// </summary>
/// <remarks>
/// It avoids two problems. TorchSharp's shim requires the symbol version GLIBCXX_3.4.32 (GCC 13) for a symbol that no
/// relocation uses, so it does not load on Debian 12 or Ubuntu 22.04; and when it does not load, TorchSharp copies half a
/// gigabyte of libraries and prints to stdout, which is the LSP channel.
/// </remarks>
public static class NativeBackend
{
    /// <summary>The environment variable that names a folder with libtorch (for example a Python torch's <c>lib</c>).</summary>
    public const string LibtorchFolderVariable = "DIFFUSION_LSP_LIBTORCH";

    private static readonly Lock Gate = new();
    private static NativeBackendInfo? loaded;

    /// <summary>Loads the libraries once; later calls return the first result.</summary>
    /// <param name="libtorchFolder">Folder with libtorch; null: the one in the environment variable, then the packaged one, then the downloaded one.</param>
    /// <exception cref="NativeBackendException">A library is missing or does not load; the message names the cause and the cure.</exception>
    public static NativeBackendInfo Load(string? libtorchFolder = null)
    {
        lock (Gate)
        {
            return loaded ??= LoadOnce(Find(libtorchFolder) ?? throw Missing());
        }
    }

    /// <summary>Whether the libtorch that <see cref="Load"/> would load was built for NVIDIA GPUs. Loads nothing.</summary>
    /// <param name="libtorchFolder">See <see cref="Load"/>.</param>
    /// <exception cref="NativeBackendException">The user's folder contains no libtorch.</exception>
    public static bool IsForGpu(string? libtorchFolder = null) =>
        (Loaded?.LibtorchFolder ?? Find(libtorchFolder)?.Folder) is { } folder && File.Exists(Path.Combine(folder, FileName("torch_cuda")));

    /// <summary>What was loaded; null: nothing yet.</summary>
    public static NativeBackendInfo? Loaded => loaded;

    /// <summary>The libtorch that <see cref="Load"/> would load; null: none exists.</summary>
    /// <inheritdoc cref="Load" path="/param"/>
    /// <exception cref="NativeBackendException">A folder named by the user contains none.</exception>
    public static LibtorchPlace? Find(string? libtorchFolder = null)
    {
        string library = FileName("torch_cpu"), named = string.IsNullOrWhiteSpace(libtorchFolder) ? Environment.GetEnvironmentVariable(LibtorchFolderVariable) ?? "" : libtorchFolder;
        return LibtorchPlace.Find(named, Path.GetDirectoryName(FindInSearchPath(library)), LibtorchPackage.Here?.Folder, library);
    }

    private static NativeBackendException Missing() => new($"This needs libtorch, which is not part of this package; {LibtorchPackage.Cure}.");

    private static NativeBackendInfo LoadOnce(LibtorchPlace place)
    {
        string shim = FindInSearchPath(FileName("LibTorchSharp"))
            ?? throw new NativeBackendException(LibtorchPackage.Here is null ? Missing().Message : $"TorchSharp's native library {FileName("LibTorchSharp")} is missing from the installation; build or install DiffusionLsp again.");
        string folder = place.Folder;
        WorkingFolder.Ensure(); // if it no longer exists, libtorch's MKL ends the process
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
        // TorchSharp loads these two by name: its shim, and torch_cuda before it uses a GPU.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => loaded.GetValueOrDefault(name);
        return new NativeBackendInfo(folder, place.Origin, shim, cure);
    }

    /// <summary>Loads libtorch by full path, so that the shim finds its dependencies wherever it is stored.</summary>
    /// <returns>Handles by name.</returns>
    private static Dictionary<string, nint> Preload(string folder)
    {
        var loaded = new Dictionary<string, nint>();
        // In dependency order. CPU builds lack the CUDA libraries.
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
            throw new NativeBackendException($"'{path}' does not load ({e.Message.ReplaceLineEndings(" ").Trim()}); check that it was built for this system and is libtorch 2.10, which TorchSharp needs.", e);
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

/// <summary>Which native libraries were loaded, and from where.</summary>
/// <param name="LibtorchFolder">Folder of libtorch.</param>
/// <param name="Origin">Where it comes from, in words.</param>
/// <param name="ShimPath">Path of TorchSharp's native library, as found.</param>
/// <param name="Cure">How an old libstdc++ was handled, in words; null: nothing was needed.</param>
public sealed record NativeBackendInfo(string LibtorchFolder, string Origin, string ShimPath, string Cure);

/// <summary>A native library is missing or does not load. The message is one sentence with cause and cure.</summary>
public sealed class NativeBackendException(string message, Exception? inner = null) : Exception(message, inner);
