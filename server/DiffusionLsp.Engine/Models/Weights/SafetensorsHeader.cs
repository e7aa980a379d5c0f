using System.Text.Json;
using DiffusionLsp.Engine.Files;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// The header of a safetensors file, checked strictly: a header that passes describes every byte of the file exactly once. It
/// reads no tensor data and opens no file.
/// </summary>
/// <remarks>Layout: the header's length in 8 bytes, little-endian; that many bytes of JSON; then the data, to which the JSON's offsets are relative.</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>Maximum header length in bytes, as in the reference implementation.</summary>
    public const long MostBytes = 100_000_000;

    /// <summary>The key that the format reserves for metadata.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly Dictionary<string, TensorInfo> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader() { }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <summary>The file's metadata; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Reads and checks the JSON part.</summary>
    /// <param name="json">The header without its length.</param>
    /// <param name="fileLength">Length of the whole file.</param>
    /// <exception cref="InvalidDataException">The message is a clause that states the cause, to follow "the file is damaged: …".</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long fileLength)
    {
        if (json.IsEmpty || json.Span[0] != (byte)'{') throw new InvalidDataException("its header is not a JSON object");
        try
        {
            using var document = StrictJson.Parse(json);
            var header = new SafetensorsHeader();
            long dataStart = 8 + json.Length;
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey) header.ReadMetadata(property.Value);
                else header.tensors.Add(property.Name, ReadTensor(property.Name, property.Value, dataStart, fileLength));
            }
            header.RequireWholeBuffer(dataStart, fileLength);
            return header;
        }
        catch (JsonException e) { throw new InvalidDataException($"its header is not valid JSON ({e.Message.TrimEnd('.')})", e); }
        catch (InvalidOperationException e) { throw new InvalidDataException("its header contains text that is not valid Unicode", e); }
    }

    private void ReadMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{MetadataKey} is not an object");
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String) throw new InvalidDataException($"{MetadataKey}.{entry.Name} is not a string");
            metadata.Add(entry.Name, entry.Value.GetString()!);
        }
    }

    private static TensorInfo ReadTensor(string name, JsonElement entry, long dataStart, long fileLength)
    {
        if (entry.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"the entry of tensor '{name}' is not an object");
        foreach (JsonProperty property in entry.EnumerateObject())
            if (property.Name is not ("dtype" or "shape" or "data_offsets"))
                throw new InvalidDataException($"the entry of tensor '{name}' has an unknown field '{property.Name}'");
        ScalarType type = ReadType(name, entry);
        long[] shape = ReadWholeNumbers(name, entry, "shape");
        long[] offsets = ReadWholeNumbers(name, entry, "data_offsets");
        if (offsets.Length != 2) throw new InvalidDataException($"tensor '{name}' has {offsets.Length} data_offsets instead of 2");
        if (offsets[0] > offsets[1]) throw new InvalidDataException($"tensor '{name}' ends before it begins (data_offsets {TensorInfo.Text(offsets)})");
        if (offsets[1] > fileLength - dataStart) throw new InvalidDataException($"tensor '{name}' reaches beyond the end of the file");
        long bytes = ByteCount(name, shape, type);
        if (bytes != offsets[1] - offsets[0])
            throw new InvalidDataException($"tensor '{name}' of shape {TensorInfo.Text(shape)} needs {bytes} bytes but has {offsets[1] - offsets[0]}");
        return new TensorInfo(type, shape, dataStart + offsets[0], bytes);
    }

    private static ScalarType ReadType(string name, JsonElement entry)
    {
        if (!entry.TryGetProperty("dtype", out JsonElement value) || value.ValueKind != JsonValueKind.String)
            throw new InvalidDataException($"tensor '{name}' has no dtype");
        return SafetensorsTypes.Find(value.GetString()!)
            ?? throw new InvalidDataException($"tensor '{name}' has the dtype {value.GetString()}, but only {SafetensorsTypes.Names} are supported");
    }

    private static long[] ReadWholeNumbers(string name, JsonElement entry, string field)
    {
        if (!entry.TryGetProperty(field, out JsonElement value) || value.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"tensor '{name}' has no {field}");
        var numbers = new long[value.GetArrayLength()];
        int i = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out numbers[i]) || numbers[i++] < 0)
                throw new InvalidDataException($"{field} of tensor '{name}' contains something other than non-negative integers");
        }
        return numbers;
    }

    private static long ByteCount(string name, long[] shape, ScalarType type)
    {
        // A dimension of 0 must not hide an overflow of the others: torch multiplies them for its strides.
        long strides = SafetensorsTypes.SizeOf(type);
        try { foreach (long size in shape) strides = checked(strides * Math.Max(1, size)); }
        catch (OverflowException e) { throw new InvalidDataException($"the shape of tensor '{name}' is too large ({TensorInfo.Text(shape)})", e); }
        return shape.Contains(0) ? 0 : strides;
    }

    /// <summary>Tensors must follow each other without gaps or overlaps and fill the data part.</summary>
    private void RequireWholeBuffer(long dataStart, long fileLength)
    {
        long reached = dataStart;
        foreach ((string name, TensorInfo tensor) in tensors.OrderBy(t => t.Value.Offset).ThenBy(t => t.Value.Bytes))
        {
            if (tensor.Offset < reached) throw new InvalidDataException($"tensor '{name}' overlaps the one before it");
            if (tensor.Offset > reached) throw new InvalidDataException($"there are {tensor.Offset - reached} bytes before tensor '{name}' that belong to no tensor");
            reached += tensor.Bytes;
        }
        if (reached != fileLength) throw new InvalidDataException($"there are {fileLength - reached} bytes at its end that belong to no tensor");
    }
}
