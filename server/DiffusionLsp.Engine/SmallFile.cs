namespace DiffusionLsp.Engine;

/// <summary>Reads a small file beside a model, whole, unless it is none. It knows nothing of what is in it.</summary>
internal static class SmallFile
{
    private const int MostBytes = 16 << 20;

    /// <summary>The file's bytes, a byte order mark left out.</summary>
    /// <exception cref="InvalidDataException">It is too large; the message is a clause.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path)
    {
        if (new FileInfo(path).Length > MostBytes) throw new InvalidDataException($"it is larger than {MostBytes} bytes");
        byte[] content = File.ReadAllBytes(path);
        return content.AsSpan().StartsWith("\uFEFF"u8) ? content[3..] : content;
    }
}
