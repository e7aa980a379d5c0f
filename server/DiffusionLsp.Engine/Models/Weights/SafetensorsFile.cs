using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// One open safetensors file: its tensors by name, read on demand through a memory map. It knows nothing of models
/// or of files that belong together (<see cref="CheckpointFolder"/>).
/// </summary>
/// <remarks>
/// A tensor is always copied out of the map, once: TorchSharp offers no safe tensor over foreign memory. That makes
/// alignment irrelevant and lets tensors outlive the file. Nobody may shorten the file while it is open.
/// </remarks>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private const int SliceBytes = 1 << 30; // spans are counted in int
    private const int StagingBytes = 64 << 20;

    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly SafetensorsHeader header;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, SafetensorsHeader header) =>
        (Path, this.map, this.view, this.header) = (path, map, view, header);

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => header.Tensors;

    /// <summary>Free text about the file; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Maps a file and checks its header; reads no tensor yet.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            SafetensorsHeader header = ReadHeader(path, out map, out view);
            return new SafetensorsFile(path, map, view, header);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            view?.Dispose();
            map?.Dispose();
            throw Explain(path, e);
        }
    }

    /// <summary>
    /// Copies one tensor out of the file. On the CPU and in its own type that is one copy; otherwise the raw copy is
    /// moved, then converted there, and freed at once. The result belongs to the caller's dispose scope, if there is one.
    /// </summary>
    /// <exception cref="EngineException">There is no such tensor, or no memory for it.</exception>
    public Tensor Read(string name, Device device, ScalarType dataType)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
            throw new EngineException($"'{Path}' holds no tensor named '{name}'; use the weights that belong to this model.");
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
    /// Copies one tensor out of the file into memory that is there already, which converts it and moves it to its device.
    /// On the CPU and in its own type nothing lies between; otherwise a piece of at most 64 MiB at a time does.
    /// </summary>
    /// <param name="target">As many elements, contiguous, of any type on any device.</param>
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

    /// <summary>The bytes of one tensor, a piece at a time.</summary>
    public void ForEachPiece(string name, PieceVisitor visit)
    {
        TensorInfo info = Tensors[name];
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            byte* from = start + view.PointerOffset + info.Offset;
            for (long done = 0; done < info.Bytes; done += StagingBytes)
                if (!visit(new ReadOnlySpan<byte>(from + done, (int)Math.Min(StagingBytes, info.Bytes - done)))) return;
        }
        finally { view.SafeMemoryMappedViewHandle.ReleasePointer(); }
    }

    /// <summary>Looks at a piece of a tensor; false: enough seen.</summary>
    public delegate bool PieceVisitor(ReadOnlySpan<byte> bytes);

    /// <summary>Unmaps the file; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }

    private static SafetensorsHeader ReadHeader(string path, out MemoryMappedFile map, out MemoryMappedViewAccessor view)
    {
        (map, view) = (null!, null!);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long fileLength = stream.Length;
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw new InvalidDataException($"it is only {fileLength} bytes long");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MostBytes) throw new InvalidDataException($"it claims a header of {headerLength} bytes, more than {SafetensorsHeader.MostBytes}");
        if ((long)headerLength > fileLength - 8) throw new InvalidDataException($"it claims a header of {headerLength} bytes but has only {fileLength - 8} bytes after the length");
        var json = new byte[headerLength];
        stream.ReadExactly(json);
        SafetensorsHeader header = SafetensorsHeader.Parse(json, fileLength);
        map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, fileLength, MemoryMappedFileAccess.Read);
        return header;
    }

    private void CopyTo(Tensor target, TensorInfo info)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            byte* from = start + view.PointerOffset + info.Offset;
            using Tensor flat = target.view(-1);
            int elementBytes = SafetensorsTypes.SizeOf(info.DataType);
            for (long done = 0; done < info.Bytes;)
            {
                int count = (int)Math.Min(SliceBytes, info.Bytes - done);
                using Tensor slice = flat.narrow(0, done / elementBytes, count / elementBytes);
                new ReadOnlySpan<byte>(from + done, count).CopyTo(slice.bytes);
                done += count;
            }
        }
        finally { view.SafeMemoryMappedViewHandle.ReleasePointer(); }
    }

    private static EngineException Explain(string path, Exception e) => e switch
    {
        InvalidDataException => new($"'{path}' is not a usable safetensors file: {e.Message}; download or export it again.", e),
        FileNotFoundException or DirectoryNotFoundException => new($"There is no weights file '{path}'; check the model folder.", e),
        _ => new($"'{path}' cannot be read ({FirstLine(e)}); check that it is a file and may be read.", e),
    };

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].TrimEnd('.', '\r');
}
