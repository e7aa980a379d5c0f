using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Tests.Checkpoints;

/// <summary>
/// Writes a checkpoint of random weights in a family's published layout, byte by byte, and keeps the weights as plain numbers
/// under Hugging Face's names. It uses no code of the program.
/// </summary>
public sealed class GeneratedCheckpoint
{
    private readonly FamilyCase family;
    private readonly Dictionary<string, int[]> shapes = [];

    public GeneratedCheckpoint(FamilyCase family, int seed = 1, Func<string, int, float, float>? weight = null)
    {
        this.family = family;
        var random = new Random(seed);
        foreach ((string name, int[] shape) in Shapes(family.Body, (int)family.Config["vocab_size"]!))
        {
            bool gain = name.EndsWith("norm.weight", StringComparison.Ordinal);
            int count = shape.Aggregate(1, (a, b) => a * b);
            // Rounded as the file will hold them, so that both sides compute with the same numbers.
            Values[name] = [.. Enumerable.Range(0, count).Select(i =>
            {
                float value = (float)((gain ? 1 : 0) + Normal(random) * (gain ? 0.2 : 0.4));
                return Rounded(weight?.Invoke(name, i, value) ?? value);
            })];
            shapes[name] = shape;
        }
    }

    /// <summary>Name under Hugging Face's Llama and Qwen names → row after row.</summary>
    public Dictionary<string, float[]> Values { get; } = [];

    /// <summary>Writes every file of the checkpoint.</summary>
    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), family.Config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        TokenizerFiles.Write(family.Tokenizer, folder);
        (string Name, int[] Shape, byte[] Data)[] tensors = [.. Stored()];
        if (family.Shards == 1)
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Safetensors(tensors));
            return;
        }
        var map = new JsonObject();
        foreach ((int shard, (string, int[], byte[])[] part) in tensors.Chunk((tensors.Length + family.Shards - 1) / family.Shards).Index())
        {
            string file = $"model-{shard + 1:00000}-of-{family.Shards:00000}.safetensors";
            File.WriteAllBytes(Path.Combine(folder, file), Safetensors(part));
            foreach ((string name, _, _) in part) map[name] = file;
        }
        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = tensors.Sum(t => t.Data.Length) }, ["weight_map"] = map };
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
    }

    private IEnumerable<(string, int[], byte[])> Stored()
    {
        foreach ((string name, float[] values) in Values)
        {
            if (family.FusesQueryKeyValue && (name.Contains("k_proj") || name.Contains("v_proj"))) continue;
            if (!family.FusesQueryKeyValue || !name.Contains("q_proj"))
            {
                yield return (family.Stored(name), shapes[name], Bytes(values));
                continue;
            }
            string[] parts = [name, name.Replace("q_proj", "k_proj"), name.Replace("q_proj", "v_proj")];
            yield return (family.Stored(name), [parts.Sum(p => shapes[p][0]), shapes[name][1]], Bytes([.. parts.SelectMany(p => Values[p])]));
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> Shapes(BodyShape b, int vocabulary)
    {
        int query = b.Heads * b.HeadSize, kv = b.KeyValueHeads * b.HeadSize;
        yield return ("model.embed_tokens.weight", [vocabulary, b.Width]);
        for (int layer = 0; layer < b.Layers; layer++)
        {
            string at = $"model.layers.{layer}.";
            yield return (at + "input_layernorm.weight", [b.Width]);
            yield return (at + "self_attn.q_proj.weight", [query, b.Width]);
            yield return (at + "self_attn.k_proj.weight", [kv, b.Width]);
            yield return (at + "self_attn.v_proj.weight", [kv, b.Width]);
            yield return (at + "self_attn.o_proj.weight", [b.Width, query]);
            if (b.Bias)
                foreach ((string part, int rows) in new[] { ("q", query), ("k", kv), ("v", kv) }) yield return ($"{at}self_attn.{part}_proj.bias", [rows]);
            if (b.QueryKeyNorm)
                foreach (string part in new[] { "q", "k" }) yield return ($"{at}self_attn.{part}_norm.weight", [b.HeadSize]);
            yield return (at + "post_attention_layernorm.weight", [b.Width]);
            if (b.Experts is not { } experts || layer < experts.Dense)
            {
                foreach (var part in FeedForward(at + "mlp.", b.Inner, b.Width)) yield return part;
                continue;
            }
            yield return (at + "mlp.gate.weight", [experts.Count, b.Width]);
            if (experts.Bias) yield return (at + "mlp.gate.expert_bias", [experts.Count]);
            for (int e = 0; e < experts.Count; e++)
                foreach (var part in FeedForward($"{at}mlp.experts.{e}.", experts.Inner, b.Width)) yield return part;
            if (experts.Shared > 0)
                foreach (var part in FeedForward(at + "mlp.shared_experts.", experts.Shared, b.Width)) yield return part;
        }
        yield return ("model.norm.weight", [b.Width]);
        if (!b.Tied) yield return ("lm_head.weight", [vocabulary, b.Width]);
    }

    private static IEnumerable<(string, int[])> FeedForward(string at, int inner, int width) =>
        [(at + "gate_proj.weight", [inner, width]), (at + "up_proj.weight", [inner, width]), (at + "down_proj.weight", [width, inner])];

    private byte[] Safetensors((string Name, int[] Shape, byte[] Data)[] tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        int offset = 0;
        foreach ((string name, int[] shape, byte[] data) in tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = family.ElementType, ["shape"] = new JsonArray([.. shape.Select(s => JsonValue.Create(s))]), ["data_offsets"] = new JsonArray(offset, offset + data.Length),
            };
            offset += data.Length;
        }
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. tensors.SelectMany(t => t.Data)];
    }

    private byte[] Bytes(float[] values) => family.ElementType == "F32"
        ? [.. values.SelectMany(BitConverter.GetBytes)]
        : [.. values.SelectMany(v => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)))];

    /// <summary>Rounds to the nearest number with eight bits of mantissa, for bfloat16 files.</summary>
    private float Rounded(float value)
    {
        if (family.ElementType == "F32") return value;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
