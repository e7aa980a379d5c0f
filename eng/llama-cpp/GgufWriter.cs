using System.Text;

namespace DiffusionLsp.LlamaCpp;

/// <summary>Writes a GGUF file (version 3) of float32 or bfloat16 tensors, for llama.cpp to read. It knows no model.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly List<(string Key, object Value)> values = [];
    private readonly List<(string Name, long[] Dimensions, float[] Data, bool IsNarrow)> tensors = [];

    /// <param name="value">A uint, float, bool or string.</param>
    public void Add(string key, object value) => values.Add((key, value));

    /// <param name="dimensions">The fastest first, as GGUF counts.</param>
    public void Add(string name, float[] data, params long[] dimensions) => tensors.Add((name, dimensions, data, false));

    /// <summary>Adds numbers that bfloat16 holds, as bfloat16.</summary>
    public void AddNarrow(string name, float[] data, params long[] dimensions) => tensors.Add((name, dimensions, data, true));

    public void Write(string path)
    {
        using var output = new BinaryWriter(File.Create(path));
        output.Write("GGUF"u8);
        output.Write(3u);
        output.Write((ulong)tensors.Count);
        output.Write((ulong)values.Count);
        foreach ((string key, object value) in values) WriteValue(output, key, value);
        ulong offset = 0;
        foreach ((string name, long[] dimensions, float[] data, bool isNarrow) in tensors)
        {
            WriteText(output, name);
            output.Write((uint)dimensions.Length);
            foreach (long dimension in dimensions) output.Write((ulong)dimension);
            output.Write(isNarrow ? 30u : 0u); // GGML_TYPE_BF16, GGML_TYPE_F32
            output.Write(offset);
            offset += (ulong)(((long)data.Length * (isNarrow ? sizeof(ushort) : sizeof(float)) + Alignment - 1) / Alignment * Alignment);
        }
        Pad(output);
        foreach ((_, _, float[] data, bool isNarrow) in tensors)
        {
            if (isNarrow)
                foreach (float number in data) output.Write((ushort)(BitConverter.SingleToUInt32Bits(number) >> 16));
            else
                foreach (float number in data) output.Write(number);
            Pad(output);
        }
    }

    private static void WriteValue(BinaryWriter output, string key, object value)
    {
        WriteText(output, key);
        switch (value)
        {
            case uint number: output.Write(4u); output.Write(number); break;
            case float number: output.Write(6u); output.Write(number); break;
            case bool flag: output.Write(7u); output.Write(flag); break;
            case string text: output.Write(8u); WriteText(output, text); break;
            default: throw new ArgumentException($"{key} has a value of an unknown type.");
        }
    }

    private static void WriteText(BinaryWriter output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        output.Write((ulong)bytes.Length);
        output.Write(bytes);
    }

    private static void Pad(BinaryWriter output)
    {
        while (output.BaseStream.Position % Alignment != 0) output.Write((byte)0);
    }
}
