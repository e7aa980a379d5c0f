using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// Writes tensors as one safetensors file, atomically. The same tensors give the same bytes. It knows
/// nothing of models.
/// </summary>
internal static class SafetensorsWriter
{
    private const int SliceBytes = 1 << 30; // a span's length is an int

    /// <summary>
    /// Writes to a temporary file in the same folder, flushes it to disk and renames it, so that a reader sees either the old file
    /// or the new one. Tensors are ordered by element size, largest first, then by name: every tensor is aligned.
    /// </summary>
    /// <exception cref="EngineException">A tensor has an unsupported type, or the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        foreach ((string name, Tensor tensor) in tensors) RequireWritable(path, name, tensor);
        KeyValuePair<string, Tensor>[] ordered = [.. tensors
            .OrderByDescending(t => SafetensorsTypes.SizeOf(t.Value.dtype))
            .ThenBy(t => t.Key, StringComparer.Ordinal)];
        byte[] header = Header(ordered, metadata ?? new Dictionary<string, string>());
        string partial = $"{path}.{Path.GetRandomFileName()}.partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(header);
                foreach ((_, Tensor tensor) in ordered) WriteData(stream, tensor);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be written ({e.Message.TrimEnd('.')}); check the folder, its permissions and the free space.", e);
        }
        finally { if (File.Exists(partial)) File.Delete(partial); }
    }

    private static void RequireWritable(string path, string name, Tensor tensor)
    {
        if (SafetensorsTypes.Find(tensor.dtype) is null)
            throw new EngineException($"'{path}' cannot store tensor '{name}' of type {tensor.dtype}; convert it to one of {SafetensorsTypes.Names}.");
        if (name == SafetensorsHeader.MetadataKey)
            throw new EngineException($"'{path}' cannot store a tensor named '{name}', which the format reserves; rename it.");
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        // Relaxed: names and metadata stay readable; the header is never shown in HTML.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0) WriteMetadata(json, metadata);
            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors) offset = WriteEntry(json, name, tensor, offset);
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)header.Length - 8);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long offset)
    {
        long end = offset + tensor.numel() * SafetensorsTypes.SizeOf(tensor.dtype);
        json.WriteStartObject(name);
        json.WriteString("dtype", SafetensorsTypes.Find(tensor.dtype));
        json.WriteStartArray("shape");
        foreach (long size in tensor.shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteData(FileStream stream, Tensor tensor)
    {
        if (tensor.numel() == 0) return;
        using var scope = NewDisposeScope();
        Tensor flat = tensor.detach().cpu().contiguous().view(-1);
        int sliceElements = SliceBytes / SafetensorsTypes.SizeOf(tensor.dtype);
        for (long done = 0; done < flat.numel(); done += sliceElements)
            stream.Write(flat.narrow(0, done, Math.Min(sliceElements, flat.numel() - done)).bytes);
    }
}
