using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// Loads TorchSharp's native shim without its requirement of GCC 13's C++ runtime, for systems with an older one. The package stays
/// unchanged. It knows nothing of libtorch's other libraries, which must be loaded first.
/// </summary>
/// <remarks>
/// The modified library is loaded from an in-memory file, which cannot be truncated while it is mapped, and needs neither a
/// writable folder nor disk space. Where the system refuses to execute such files, a copy in the cache folder is used.
/// </remarks>
internal static partial class RelaxedShim
{
    /// <summary>The symbol version that is required although no relocation uses a symbol of it.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    private const int MostBytes = 256 << 20;
    private const uint CloseOnExec = 1; // MFD_CLOEXEC
    private static int loads;

    /// <summary>Loads the modified library.</summary>
    /// <returns>Its handle, and its location for display.</returns>
    /// <exception cref="NativeBackendException">It can neither be loaded from memory nor stored in the cache folder.</exception>
    public static (nint Handle, string Where) Load(string shim)
    {
        byte[] image = Read(shim, out string key);
        return LoadFromMemory(image) is { } handle ? (handle, "in memory") : LoadFromFile(image, key, shim);
    }

    private static byte[] Read(string shim, out string key)
    {
        byte[] image = RegularFile.ReadBytes(shim, MostBytes);
        key = Convert.ToHexStringLower(Sha256.Of(image))[..16];
        ElfVersionRequirements.MarkWeak(image, Version);
        return image;
    }

    /// <summary>Loads a library from its bytes.</summary>
    /// <returns>The handle; null: this system does not support it.</returns>
    internal static nint? LoadFromMemory(byte[] image)
    {
        try
        {
            int descriptor = CreateInMemory("LibTorchSharp", CloseOnExec);
            if (descriptor < 0) return null;
            using var file = new SafeFileHandle(descriptor, ownsHandle: true);
            RandomAccess.Write(file, image, 0);
            // The dynamic linker identifies libraries by path, and descriptor numbers are reused, so each load adds a slash to its path.
            return NativeLibrary.Load($"/proc/self/fd{new string('/', Interlocked.Increment(ref loads))}{descriptor}");
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (nint, string) LoadFromFile(byte[] image, string key, string shim)
    {
        try
        {
            string copy = Copy(image, key, Path.GetFileName(shim), CacheFolders.Native);
            return (NativeLibrary.Load(copy), copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
        {
            throw new NativeBackendException(
                $"This system's libstdc++ is older than {Version}, and a copy of '{shim}' that accepts it cannot be stored in '{CacheFolders.Native}' ({e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}); set XDG_CACHE_HOME to a writable folder, or install the libstdc++ of GCC 13.", e);
        }
    }

    /// <summary>The modified library as a file: an earlier start's copy if it is intact, else a new one.</summary>
    /// <param name="cacheFolder">Has a subfolder for each version of the shim.</param>
    internal static string Copy(string shim, string cacheFolder) => Copy(Read(shim, out string key), key, Path.GetFileName(shim), cacheFolder);

    private static string Copy(byte[] image, string key, string name, string cacheFolder)
    {
        string folder = Path.Combine(cacheFolder, key), copy = Path.Combine(folder, name);
        if (Holds(copy, image)) return copy;
        Directory.CreateDirectory(folder);
        string partial = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            File.WriteAllBytes(partial, image);
            File.Move(partial, copy, overwrite: true); // atomic: two servers may start at once, and one may already have mapped the old file
        }
        finally
        {
            File.Delete(partial);
        }
        return copy;
    }

    private static bool Holds(string path, byte[] image)
    {
        try
        {
            return File.Exists(path) && RegularFile.ReadBytes(path, image.Length).AsSpan().SequenceEqual(image);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateInMemory(string name, uint flags);
}
