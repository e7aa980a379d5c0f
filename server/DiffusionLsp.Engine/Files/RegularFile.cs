using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Files;

/// <summary>
/// Reads files that anybody may have put there and may change meanwhile: regular ones only, at most so many bytes, and never
/// through a memory map, because a map of a file that becomes shorter ends the process. It does not know what is in them.
/// </summary>
/// <remarks>
/// Opening a FIFO waits until somebody writes to it, and a device such as <c>/dev/zero</c> never ends. Here both are refused
/// without waiting, and a file is read as far as its length says.
/// </remarks>
public static partial class RegularFile
{
    private static readonly int OpenForReading = OperatingSystem.IsMacOS() ? 0x0100_0004 : 0x0008_0800; // O_RDONLY, O_CLOEXEC, O_NONBLOCK

    /// <summary>Opens a file for reading at any place. The caller disposes it.</summary>
    /// <exception cref="IOException">There is no such file, or it is something else; the message says so without a full stop.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        if (path.Contains('\0')) throw new IOException("its name holds a null character");
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
        return isRegular ? file : throw new IOException("it is no regular file");
    }

    /// <summary>A whole file.</summary>
    /// <param name="most">Bytes of the largest file that is read.</param>
    /// <exception cref="IOException">It cannot be read, is too large, or became shorter; the message says so without a full stop.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadBytes(string path, int most)
    {
        using SafeFileHandle file = Open(path);
        long length = RandomAccess.GetLength(file);
        if (length > most) throw new IOException($"it has {length} bytes, more than {most}");
        var bytes = new byte[length];
        ReadExactly(file, bytes, 0);
        return bytes;
    }

    /// <summary>A whole file as text: UTF-8, unless a byte order mark says otherwise.</summary>
    /// <inheritdoc cref="ReadBytes"/>
    public static string ReadText(string path, int most)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, most)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Fills a piece of memory from a file.</summary>
    /// <param name="file">From <see cref="Open"/>.</param>
    /// <param name="offset">Bytes from its beginning.</param>
    /// <exception cref="EndOfStreamException">The file ends before; the message says so without a full stop.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(file, target, offset);
            if (read == 0) throw new EndOfStreamException($"it became shorter while it was read and ends at byte {offset}");
            target = target[read..];
            offset += read;
        }
    }

    private static SafeFileHandle OpenAtOnce(string path)
    {
        if (!OperatingSystem.IsWindows() && OpenDescriptor(path, OpenForReading) is var descriptor and >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        return File.OpenHandle(path); // says in .NET's words why it cannot be opened
    }

    private static bool HasLength(SafeFileHandle file)
    {
        try
        {
            // A device has content, and says that it has none.
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
