using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Files;

/// <summary>
/// Reads files that others may have created and may change while they are read: regular files only, up to a size limit, and never through
/// a memory map, because truncating a mapped file kills the process. It does not interpret their contents.
/// </summary>
/// <remarks>
/// Opening a FIFO blocks until there is a writer, and a device such as <c>/dev/zero</c> never ends. Both are rejected here without
/// blocking, and a file is read only up to the length it has when opened.
/// </remarks>
public static partial class RegularFile
{
    private static readonly int OpenForReading = OperatingSystem.IsMacOS() ? 0x0100_0004 : 0x0008_0800; // O_RDONLY, O_CLOEXEC, O_NONBLOCK

    /// <summary>Opens a file for random access. The caller disposes of it.</summary>
    /// <exception cref="IOException">The file is missing or not a regular file; the message is a clause without a full stop.</exception>
    /// <exception cref="UnauthorizedAccessException">Read access is denied.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (path.Contains('\0')) throw new IOException("its name contains a null character");
        if (Directory.Exists(path)) throw new IOException("it is a folder");
        SafeFileHandle file = OpenAtOnce(path);
        bool isRegular = false;
        try
        {
            isRegular = HasLength(file);
        }
        finally
        {
            if (!isRegular) file.Dispose();
        }
        return isRegular ? file : throw new IOException("it is not a regular file");
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="most">Size limit in bytes.</param>
    /// <exception cref="IOException">The file cannot be read, is too large, or was truncated while it was read; the message is a clause without a full stop.</exception>
    /// <exception cref="UnauthorizedAccessException">Read access is denied.</exception>
    public static byte[] ReadBytes(string path, int most)
    {
        using SafeFileHandle file = Open(path);
        long length = RandomAccess.GetLength(file);
        if (length > most) throw new IOException($"it has {length} bytes, more than {most}");
        var bytes = new byte[length];
        ReadExactly(file, bytes, 0);
        return bytes;
    }

    /// <summary>Reads a whole file as text: UTF-8, unless a byte order mark says otherwise.</summary>
    /// <inheritdoc cref="ReadBytes"/>
    public static string ReadText(string path, int most)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, most)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Fills a span from a file.</summary>
    /// <param name="file">From <see cref="Open"/>.</param>
    /// <param name="target">Filled completely.</param>
    /// <param name="offset">Byte offset in the file.</param>
    /// <exception cref="EndOfStreamException">The file ends too early; the message is a clause without a full stop.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(file, target, offset);
            if (read == 0) throw new EndOfStreamException($"it was truncated while being read and now ends at byte {offset}");
            target = target[read..];
            offset += read;
        }
    }

    private static SafeFileHandle OpenAtOnce(string path)
    {
        if (!OperatingSystem.IsWindows() && OpenDescriptor(path, OpenForReading) is var descriptor and >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        return File.OpenHandle(path); // throws .NET's own explanation of why it cannot be opened
    }

    private static bool HasLength(SafeFileHandle file)
    {
        try
        {
            // A device has contents but reports no length.
            return RandomAccess.GetLength(file) > 0 || RandomAccess.Read(file, stackalloc byte[1], 0) == 0;
        }
        catch (NotSupportedException)
        {
            return false; // FIFO, socket, terminal
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);
}
