using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Files;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// One open safetensors file: its tensors by name, read on demand. It knows nothing of models or of a checkpoint's other files
/// (<see cref="CheckpointFolder"/>).
/// </summary>
/// <remarks>
/// Bytes are read straight into the tensor's own memory, so alignment is irrelevant, nothing is held twice, and tensors
/// outlive the file. The file is not memory-mapped: truncating a mapped file would end this process with SIGBUS.
/// </remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private const int SliceBytes = 1 << 30; // a span's length is an int
    private const int StagingBytes = 64 << 20;
    private const int PieceBytes = 4 << 20;

    private readonly SafeFileHandle content;
    private readonly SafetensorsHeader header;
    private readonly (long, DateTime) stamp;

    private SafetensorsFile(string path, SafeFileHandle content, SafetensorsHeader header) =>
        (Path, this.content, this.header, stamp) = (path, content, header, Stamp(content));

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => header.Tensors;

    /// <summary>The file's metadata; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens a file and checks its header; reads no tensor yet.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? content = null;
        try
        {
            content = RegularFile.Open(path);
            return new SafetensorsFile(path, content, ReadHeader(content));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            content?.Dispose();
            throw Explain(path, e);
        }
    }

    /// <summary>
    /// Reads one tensor. On the CPU and in its own type there is no other copy of it; otherwise the raw bytes are copied to the
    /// device, converted there, and freed at once. The result belongs to the caller's dispose scope, if there is one.
    /// </summary>
    /// <exception cref="EngineException">The tensor does not exist or does not fit in memory, or the file cannot be read to its end.</exception>
    public Tensor Read(string name, Device device, ScalarType dataType)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
            throw new EngineException($"'{Path}' has no tensor named '{name}'; use the weights that belong to this model.");
        try
        {
            using var scope = NewDisposeScope();
            Tensor raw = empty([.. info.Shape], dtype: info.DataType, device: CPU);
            CopyTo(raw, info);
            return raw.to(device).to(dataType).MoveToOuterDisposeScope();
        }
        catch (ExternalException e)
        {
            throw new EngineException($"Tensor '{name}' of '{Path}' ({info.Bytes >> 20} MiB) does not fit on the device {device} ({FirstLine(e)}); use a smaller model or another device.", e);
        }
    }

    /// <summary>
    /// Reads one tensor into existing memory, converted to its type and device. On the CPU and in the stored type there is no
    /// intermediate copy; otherwise one of at most 64 MiB at a time.
    /// </summary>
    /// <param name="target">The same number of elements, contiguous, of any type on any device.</param>
    /// <exception cref="EngineException">The file cannot be read to its end.</exception>
    public void ReadInto(string name, Tensor target)
    {
        TensorInfo info = Tensors[name];
        using var scope = NewDisposeScope();
        Tensor flat = target.view(-1);
        if (target.device.type is TorchSharp.DeviceType.CPU && target.dtype == info.DataType)
        {
            CopyTo(flat, info);
            return;
        }
        long size = SafetensorsTypes.SizeOf(info.DataType), count = info.Bytes / size, piece = StagingBytes / size;
        for (long done = 0; done < count; done += piece)
        {
            using var pass = NewDisposeScope();
            long length = Math.Min(piece, count - done);
            Tensor staging = empty([length], dtype: info.DataType, device: CPU);
            CopyTo(staging, info with { Offset = info.Offset + done * size, Bytes = length * size });
            flat.narrow(0, done, length).copy_(staging);
        }
    }

    /// <summary>Reads one tensor as float32. Needs no libtorch.</summary>
    /// <param name="target">The same number of elements.</param>
    /// <returns>Whether every number is finite.</returns>
    /// <exception cref="EngineException">The file cannot be read to its end.</exception>
    public bool ReadFloats(string name, Span<float> target)
    {
        TensorInfo info = Tensors[name];
        long size = SafetensorsTypes.SizeOf(info.DataType);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceBytes, info.Bytes));
        bool isFinite = true;
        try
        {
            for (long done = 0; done < info.Bytes; done += PieceBytes)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, info.Bytes - done));
                Fill(piece, info.Offset + done);
                isFinite &= FiniteCheck.IsFinite(piece, info.DataType);
                FloatConversion.ToFloats(piece, info.DataType, target[(int)(done / size)..]);
            }
            return isFinite;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>Passes a tensor's bytes to a function, a piece at a time.</summary>
    /// <exception cref="EngineException">The file cannot be read to its end.</exception>
    public void ForEachPiece(string name, PieceVisitor visit)
    {
        TensorInfo info = Tensors[name];
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceBytes, info.Bytes));
        try
        {
            for (long done = 0; done < info.Bytes; done += PieceBytes)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, info.Bytes - done));
                Fill(piece, info.Offset + done);
                if (!visit(piece)) return;
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>Handles a piece of a tensor; false: stop.</summary>
    public delegate bool PieceVisitor(ReadOnlySpan<byte> bytes);

    /// <summary>Rejects what was read if the file has changed since it was opened, since it may mix old and new content.</summary>
    /// <exception cref="EngineException">The file's length or modification time has changed.</exception>
    public void RequireUnchanged()
    {
        if (Stamp(content) != stamp) throw new EngineException($"'{Path}' changed while it was read; load the model again once the file is complete.");
    }

    /// <summary>Closes the file; tensors that were read stay valid.</summary>
    public void Dispose() => content.Dispose();

    private static SafetensorsHeader ReadHeader(SafeFileHandle content)
    {
        long fileLength = RandomAccess.GetLength(content);
        if (fileLength < 8) throw new InvalidDataException($"it is only {fileLength} bytes long");
        Span<byte> prefix = stackalloc byte[8];
        RegularFile.ReadExactly(content, prefix, 0);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MostBytes) throw new InvalidDataException($"it claims a header of {headerLength} bytes, more than {SafetensorsHeader.MostBytes}");
        if ((long)headerLength > fileLength - 8) throw new InvalidDataException($"it claims a header of {headerLength} bytes but has only {fileLength - 8} bytes after the length");
        var json = new byte[headerLength];
        RegularFile.ReadExactly(content, json, 8);
        return SafetensorsHeader.Parse(json, fileLength);
    }

    private static (long, DateTime) Stamp(SafeFileHandle content) => (RandomAccess.GetLength(content), File.GetLastWriteTimeUtc(content));

    private void CopyTo(Tensor target, TensorInfo info)
    {
        using Tensor flat = target.view(-1);
        int elementBytes = SafetensorsTypes.SizeOf(info.DataType);
        for (long done = 0; done < info.Bytes;)
        {
            int count = (int)Math.Min(SliceBytes, info.Bytes - done);
            using Tensor slice = flat.narrow(0, done / elementBytes, count / elementBytes);
            Fill(slice.bytes, info.Offset + done);
            done += count;
        }
    }

    private void Fill(Span<byte> target, long offset)
    {
        try
        {
            RegularFile.ReadExactly(content, target, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Explain(Path, e);
        }
    }

    private static EngineException Explain(string path, Exception e) => e switch
    {
        InvalidDataException or EndOfStreamException => new($"'{path}' is not a valid safetensors file: {e.Message}; download or export it again.", e),
        FileNotFoundException or DirectoryNotFoundException => new($"There is no weights file '{path}'; check the model folder.", e),
        _ => new($"'{path}' cannot be read ({FirstLine(e)}); check that it is a file and that you have permission to read it.", e),
    };

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].TrimEnd('.', '\r');
}
