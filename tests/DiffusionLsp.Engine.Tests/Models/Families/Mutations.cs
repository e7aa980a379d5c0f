using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>Ways to damage a checkpoint's folder: the change, the family, and the tensor or key that the error must name.</summary>
internal static class Mutations
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("a tensor is missing", "open-dcoder", "model.layers.1.mlp.up_proj.weight is missing", f => Header(f, h => h.Remove("model.layers.1.mlp.up_proj.weight", out _), keepsData: false)),
        new("a bias is missing", "open-dcoder", "model.layers.0.self_attn.k_proj.bias is missing", f => Header(f, h => Rename(h, "model.layers.0.self_attn.k_proj.bias", "x"))),
        new("a tensor too many", "open-dcoder", "model.layers.2.input_layernorm.weight is not part", f => Header(f, h => Rename(h, "model.layers.1.input_layernorm.weight", "model.layers.2.input_layernorm.weight"))),
        new("a tensor is transposed", "open-dcoder", "model.layers.0.mlp.down_proj.weight is [40, 32] instead of [32, 40]", f => Header(f, h => h["model.layers.0.mlp.down_proj.weight"]!["shape"] = new JsonArray(40, 32))),
        new("a tensor is flat", "open-dcoder", "model.norm.weight is [1, 32]", f => Header(f, h => h["model.norm.weight"]!["shape"] = new JsonArray(1, 32))),
        new("integers for weights", "open-dcoder", "model.norm.weight has type U8", f => Header(f, h => { h["model.norm.weight"]!["dtype"] = "U8"; h["model.norm.weight"]!["shape"] = new JsonArray(64); })),
        new("an unknown element type", "open-dcoder", "'model.norm.weight' has the dtype F8_E4M3", f => Header(f, h => h["model.norm.weight"]!["dtype"] = "F8_E4M3")),
        new("the wrong element type", "open-dcoder", "'model.norm.weight' of shape [32] needs 128 bytes", f => Header(f, h => h["model.norm.weight"]!["dtype"] = "F32")),
        new("a file is cut", "open-dcoder", "model.safetensors' is not a valid", f => Bytes(f, "model.safetensors", b => b[..^100])),
        new("a file is too long", "open-dcoder", "model.safetensors' is not a valid", f => Bytes(f, "model.safetensors", b => [.. b, 0, 0])),
        new("a file is empty", "open-dcoder", "model.safetensors' is not a valid", f => Bytes(f, "model.safetensors", _ => [])),
        new("a page of a web server", "open-dcoder", "model.safetensors' is not a valid", f => Bytes(f, "model.safetensors", _ => Encoding.UTF8.GetBytes("<html>Sign in</html>"))),
        new("a header of huge length", "open-dcoder", "claims a header of", f => Bytes(f, "model.safetensors", b => { BinaryPrimitives.WriteInt64LittleEndian(b, long.MaxValue); return b; })),
        new("a header that is no JSON", "open-dcoder", "header is not valid JSON", f => Bytes(f, "model.safetensors", b => { b[9] = (byte)'!'; return b; })),
        new("two tensors in one place", "open-dcoder", "belong to no tensor", f => Header(f, h => h["model.layers.0.self_attn.k_proj.bias"]!["data_offsets"] = h["model.layers.0.self_attn.v_proj.bias"]!["data_offsets"]!.DeepClone())),
        new("offsets outside the file", "open-dcoder", "model.norm.weight", f => Header(f, h => h["model.norm.weight"]!["data_offsets"] = new JsonArray(1L << 40, (1L << 40) + 64))),
        new("a shape that overflows", "open-dcoder", "the shape of tensor 'model.norm.weight' is too large", f => Header(f, h => h["model.norm.weight"]!["shape"] = new JsonArray(1L << 40, 1L << 40))),
        new("a NaN", "open-dcoder", "NaN or infinity in model.layers.0.self_attn.o_proj.weight", f => Number(f, "model.layers.0.self_attn.o_proj.weight", 0x7FC0)),
        new("an infinity", "tiny-a2d-qwen2", "NaN or infinity in lm_head.weight", f => Number(f, "lm_head.weight", 0xFF80)),
        new("a shard is missing", "dream", "model-00002-of-00002.safetensors", f => File.Delete(Path.Combine(f, "model-00002-of-00002.safetensors"))),
        new("a shard is cut", "dream", "model-00001-of-00002.safetensors' is not a valid", f => Bytes(f, "model-00001-of-00002.safetensors", b => b[..(b.Length / 2)])),
        new("the index points elsewhere", "dream", "promises model.norm.weight in model-00001-of-00002", f => Json(f, "model.safetensors.index.json", j => j["weight_map"]!["model.norm.weight"] = "model-00001-of-00002.safetensors")),
        new("the index forgets a tensor", "dream", "lm_head.weight", f => Json(f, "model.safetensors.index.json", j => j["weight_map"]!.AsObject().Remove("lm_head.weight"))),
        new("the index leaves the folder", "dream", "not a plain file name", f => Json(f, "model.safetensors.index.json", j => j["weight_map"]!["model.norm.weight"] = "../a.safetensors")),
        new("too few layers", "dream", "model.layers.1.", f => Config(f, "num_hidden_layers", 1)),
        new("too many layers", "dream", "model.layers.2.self_attn.q_proj.weight is missing", f => Config(f, "num_hidden_layers", 3)),
        new("another number of key heads", "dream", "self_attn.k_proj.weight is [16, 32] instead of [32, 32]", f => Config(f, "num_key_value_heads", 4)),
        new("a number of heads that does not divide", "dream", "num_key_value_heads", f => Config(f, "num_key_value_heads", 3)),
        new("another width", "dream", "model.embed_tokens.weight", f => Config(f, "hidden_size", 64)),
        new("another vocabulary", "dream", "vocab_size", f => Config(f, "vocab_size", 12)),
        new("another activation", "dream", "hidden_act is 'gelu'", f => Config(f, "hidden_act", "gelu")),
        new("scaled frequencies", "dream", "rope_scaling", f => Config(f, "rope_scaling", new JsonObject { ["rope_type"] = "yarn", ["factor"] = 4.0 })),
        new("a sliding window", "dream", "use_sliding_window is true", f => Config(f, "use_sliding_window", true)),
        new("a mask of another model", "dream", "mask_token_id 3", f => Config(f, "mask_token_id", 3)),
        new("no base of the frequencies", "dream", "rope_theta is missing", f => Json(f, "config.json", j => j.AsObject().Remove("rope_theta"))),
        new("a width in words", "dream", "hidden_size is \"32\"", f => Config(f, "hidden_size", "32")),
        new("another network under the same type", "dream", "DreamForCausalLM", f => Config(f, "architectures", new JsonArray("DreamForCausalLM"))),
        new("a key norm where there are biases", "coda", "attention_bias is true", f => Config(f, "attention_bias", true)),
        new("an output layer that is not there", "open-dcoder", "lm_head.weight is missing", f => Config(f, "tie_word_embeddings", false)),
        new("ALiBi", "llada", "alibi is true", f => Config(f, "alibi", true)),
        new("another norm", "llada", "layer_norm_type", f => Config(f, "layer_norm_type", "default")),
        new("another number of experts", "llada-moe", "mlp.gate.weight is [4, 32] instead of [5, 32]", f => Config(f, "num_experts", 5)),
        new("groups that do not divide", "llada2", "n_group", f => Config(f, "n_group", 3)),
        new("more experts than a row may see", "llada2", "num_experts_per_tok", f => Config(f, "num_experts_per_tok", 5)),
        new("no shared expert", "llada2", "mlp.shared_experts.gate_proj.weight is not part", f => Config(f, "num_shared_experts", 0)),
        new("no mask token", "tiny-a2d-qwen2", "no special token <|mask|>", f => Json(f, "tokenizer.json", j => j["added_tokens"]!.AsArray().RemoveAt(8))),
        new("a missing merges file", "dream", "tokenizer.json' does not exist", f => File.Delete(Path.Combine(f, "merges.txt"))),
        new("a tokenizer of another kind", "dream", "names the tokenizer LlamaTokenizer", f => Json(f, "tokenizer_config.json", j => j["tokenizer_class"] = "LlamaTokenizer")),
        new("no configuration", "dream", "config.json", f => File.Delete(Path.Combine(f, "config.json"))),
        new("an override that means nothing", "dream", "attention is 'sideways'", f => File.WriteAllText(Path.Combine(f, "diffusion-lsp.json"), """{"attention":"sideways"}""")),
        new("an override of an unknown key", "dream", "diffusion-lsp.json", f => File.WriteAllText(Path.Combine(f, "diffusion-lsp.json"), """{"shift":true}""")),
        new("an override of an unknown family", "dream", "no model family 'dreem'", f => File.WriteAllText(Path.Combine(f, "diffusion-lsp.json"), """{"family":"dreem"}""")),
    ];

    private static void Config(string folder, string key, JsonNode value) => Json(folder, "config.json", j => j[key] = value);

    private static void Json(string folder, string file, Action<JsonNode> change)
    {
        string path = Path.Combine(folder, file);
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void Bytes(string folder, string file, Func<byte[], byte[]> change)
    {
        string path = Path.Combine(folder, file);
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
    }

    /// <summary>Changes the header of model.safetensors.</summary>
    private static void Header(string folder, Action<JsonObject> change, bool keepsData = true) => Bytes(folder, "model.safetensors", bytes =>
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonObject header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        byte[] data = bytes[(8 + length)..];
        var before = header.DeepClone().AsObject();
        change(header);
        if (!keepsData) data = Without(before, header, data);
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        return [.. prefix, .. json, .. data];
    });

    /// <summary>Closes the gap of a removed tensor, so that the file itself stays valid.</summary>
    private static byte[] Without(JsonObject before, JsonObject header, byte[] data)
    {
        string gone = before.Select(e => e.Key).Single(k => !header.ContainsKey(k));
        int start = (int)before[gone]!["data_offsets"]![0]!, end = (int)before[gone]!["data_offsets"]![1]!;
        foreach ((string name, JsonNode? entry) in header)
        {
            if (name == "__metadata__" || (int)entry!["data_offsets"]![0]! < end) continue;
            entry["data_offsets"] = new JsonArray((int)entry["data_offsets"]![0]! - (end - start), (int)entry["data_offsets"]![1]! - (end - start));
        }
        return [.. data[..start], .. data[end..]];
    }

    private static void Rename(JsonObject header, string from, string to)
    {
        JsonNode entry = header[from]!.DeepClone();
        header.Remove(from);
        header[to] = entry;
    }

    /// <summary>Puts one 16-bit number into the middle of a tensor.</summary>
    private static void Number(string folder, string tensor, ushort value) => Bytes(folder, "model.safetensors", bytes =>
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonNode offsets = JsonNode.Parse(bytes.AsSpan(8, length))![tensor]!["data_offsets"]!;
        int middle = ((int)offsets[0]! + (int)offsets[1]!) / 4 * 2;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8 + length + middle), value);
        return bytes;
    });
}

/// <summary>One way.</summary>
/// <param name="Says">Part of the message that must follow.</param>
internal sealed record Mutation(string Name, string Family, string Says, Action<string> Spoil);
