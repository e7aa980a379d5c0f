using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Files;

/// <summary>
/// Appends lines to a file that several processes write to. Each append is one write at the file's current end, so that lines
/// never interleave. It does not interpret the lines.
/// </summary>
/// <remarks>.NET's <see cref="FileMode.Append"/> determines the end once, when it opens the file.</remarks>
public static partial class AppendedFile
{
    // O_WRONLY, O_APPEND, O_CLOEXEC, O_NONBLOCK: a FIFO without a reader fails instead of blocking.
    private static readonly int OpenForAppending = OperatingSystem.IsMacOS() ? 0x0100_000D : 0x0008_0C01;

    private const int NotThere = 2; // ENOENT, on Linux and macOS

    /// <summary>Appends a text, and creates the file if it is missing; its folder must exist.</summary>
    /// <param name="text">One or more lines, with their line endings.</param>
    /// <exception cref="IOException">The file cannot be written, or only in part.</exception>
    /// <exception cref="UnauthorizedAccessException">Write access is denied.</exception>
    public static void Append(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (OperatingSystem.IsWindows())
        {
            File.AppendAllBytes(path, bytes); // Windows admits one writer at a time
            return;
        }
        using SafeFileHandle file = Open(path);
        nint written = WriteDescriptor(file, bytes, bytes.Length);
        if (written < 0) throw Problem(Marshal.GetLastPInvokeError());
        if (written < bytes.Length) throw new IOException("No space left on device");
    }

    private static SafeFileHandle Open(string path)
    {
        for (bool isNew = false; ; isNew = true)
        {
            int descriptor = OpenDescriptor(path, OpenForAppending);
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
            int error = Marshal.GetLastPInvokeError();
            // Another process may create the file at any moment, so only the error tells whether it existed.
            if (isNew || error != NotThere) throw Problem(error);
            Create(path);
        }
    }

    private static void Create(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
        }
        catch (IOException) when (Path.Exists(path))
        {
            // Another process has just created it.
        }
    }

    private static IOException Problem(int error) => new(Marshal.GetPInvokeErrorMessage(error));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(SafeFileHandle file, byte[] bytes, nint count);
}
