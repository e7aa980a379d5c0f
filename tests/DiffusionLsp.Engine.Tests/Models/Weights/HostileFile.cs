using System.Buffers.Binary;
using System.Text;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>Makes safetensors files byte by byte, right or wrong.</summary>
internal static class HostileFile
{
    /// <summary>A file with this header, its true length in front, and this data behind.</summary>
    public static byte[] With(string header, params byte[] data) => With((ulong)Encoding.UTF8.GetByteCount(header), header, data);

    /// <summary>A file whose length field says what it is told to say.</summary>
    public static byte[] With(ulong headerLength, string header, params byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, headerLength);
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. data];
    }
}
