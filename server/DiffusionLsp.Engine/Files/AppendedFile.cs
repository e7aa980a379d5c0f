using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Files;

/// <summary>
/// Adds lines to a file that several processes add to: each line with one write, at whatever is the end of the file then, so
/// that none is torn. It does not know what the lines say.
/// </summary>
/// <remarks>.NET's <see cref="FileMode.Append"/> looks for the end once, when it opens the file, and writes there.</remarks>
public static partial class AppendedFile
{
    // O_WRONLY, O_APPEND, O_CLOEXEC, O_NONBLOCK: a FIFO that nobody reads is refused instead of waited for.
    private static readonly int OpenForAppending = OperatingSystem.IsMacOS() ? 0x0100_000D : 0x0008_0C01;

    private const int NotThere = 2; // ENOENT, on Linux and macOS

    /// <summary>Adds a text, and makes the file if there is none; its folder must be there.</summary>
    /// <param name="text">One line or several, with their line ends.</param>
    /// <exception cref="IOException">It cannot be written, or not all of it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Append(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (OperatingSystem.IsWindows())
        {
            File.AppendAllBytes(path, bytes); // Windows lets one writer in at a time
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
            // Another process may make it between these lines, so only the error says whether it was there.
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
            // Another process made it a moment ago.
        }
    }

    private static IOException Problem(int error) => new(Marshal.GetPInvokeErrorMessage(error));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(SafeFileHandle file, byte[] bytes, nint count);
}
