using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// TorchSharp's native shim without its demand for the C++ runtime of GCC 13, for systems with an older one. The package is
/// not changed. It knows nothing of libtorch's other libraries, which must be loaded before.
/// </summary>
/// <remarks>
/// The changed library is loaded from a file in memory: nobody can shorten that while it is mapped, and it takes neither a
/// folder that can be written nor room on a disk. Where the system refuses to run such files, a copy in the cache folder serves.
/// </remarks>
internal static partial class RelaxedShim
{
    /// <summary>The symbol version that is demanded for a symbol that no relocation uses.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    private const int MostBytes = 256 << 20;
    private const uint CloseOnExec = 1; // MFD_CLOEXEC
    private static int loads;

    /// <summary>Loads the changed library.</summary>
    /// <returns>Its handle, and where it lies, in words.</returns>
    /// <exception cref="NativeBackendException">It can neither be loaded from memory nor kept in the cache folder.</exception>
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
    /// <returns>Null: this system does not do that.</returns>
    internal static nint? LoadFromMemory(byte[] image)
    {
        try
        {
            int descriptor = CreateInMemory("LibTorchSharp", CloseOnExec);
            if (descriptor < 0) return null;
            using var file = new SafeFileHandle(descriptor, ownsHandle: true);
            RandomAccess.Write(file, image, 0);
            // The loader knows a library by its name and numbers are used again, so each has its own number of slashes.
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
                $"This system's libstdc++ is older than {Version}, and a copy of '{shim}' that accepts it cannot be kept in '{CacheFolders.Native}' ({e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}); set XDG_CACHE_HOME to a folder that can be written, or install the libstdc++ of GCC 13.", e);
        }
    }

    /// <summary>The changed library as a file: the one that an earlier start left, if it is whole, else a new one.</summary>
    /// <param name="cacheFolder">In it, each version of the shim has a folder of its own.</param>
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
            File.Move(partial, copy, overwrite: true); // atomic: two servers may start at once, and one may have mapped the old file
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
