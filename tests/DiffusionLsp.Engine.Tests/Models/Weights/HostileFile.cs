using System.Buffers.Binary;
using System.Text;

namespace DiffusionLsp.Engine.Tests.Models.Weights;

/// <summary>Builds safetensors files byte by byte, valid or invalid.</summary>
internal static class HostileFile
{
    /// <summary>A file with this header, its true length before it, and this data after it.</summary>
    public static byte[] With(string header, params byte[] data) => With((ulong)Encoding.UTF8.GetByteCount(header), header, data);

    /// <summary>A file with an arbitrary length field.</summary>
    public static byte[] With(ulong headerLength, string header, params byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, headerLength);
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. data];
    }
}
