using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.LlamaCpp;

/// <summary>The embedded model as llama.cpp's architecture "qwen3", which has the same arithmetic when it is read from left to right. Without its tokenizer.</summary>
internal static class GgufNano
{
    /// <param name="isNarrow">Matrices in bfloat16 instead of float32.</param>
    public static void Write(string path, bool isNarrow)
    {
        string folder = EmbeddedModel.FolderOr(null);
        ModelConfig c = ModelOutline.Read(folder).Config;
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        var file = new GgufWriter();
        file.Add("general.architecture", "qwen3");
        file.Add("tokenizer.ggml.model", "none");
        foreach ((string key, object value) in new (string, object)[]
        {
            ("vocab_size", (uint)c.VocabularySize), ("context_length", (uint)c.MaxPositions), ("embedding_length", (uint)c.HiddenSize), ("block_count", (uint)c.Layers),
            ("feed_forward_length", (uint)c.IntermediateSize), ("attention.head_count", (uint)c.Heads), ("attention.head_count_kv", (uint)c.KeyValueHeads),
            ("attention.key_length", (uint)c.HeadSize), ("attention.value_length", (uint)c.HeadSize), ("rope.dimension_count", (uint)c.HeadSize),
            ("rope.freq_base", (float)c.RopeTheta), ("attention.layer_norm_rms_epsilon", (float)c.NormEpsilon),
        }) file.Add($"qwen3.{key}", value);
        foreach ((string name, long[] shape) in ParameterTable.Shapes(c))
        {
            var numbers = new float[shape.Aggregate(1L, (a, b) => a * b)];
            checkpoint.FileOf(name).ReadFloats(name, numbers);
            long[] dimensions = [.. shape.Reverse()];
            if (isNarrow && shape.Length > 1) file.AddNarrow(NameOf(name), numbers, dimensions);
            else file.Add(NameOf(name), numbers, dimensions);
        }
        file.Write(path);
    }

    private static string NameOf(string name)
    {
        if (name == ParameterTable.Embedding) return "token_embd.weight";
        if (name == ParameterTable.FinalNorm) return "output_norm.weight";
        string[] pieces = name.Split('.'); // model.layers.N.part.weight
        string part = string.Join('.', pieces[3..^1]) switch
        {
            "input_layernorm" => "attn_norm",
            "post_attention_layernorm" => "ffn_norm",
            "self_attn.q_proj" => "attn_q",
            "self_attn.k_proj" => "attn_k",
            "self_attn.v_proj" => "attn_v",
            "self_attn.o_proj" => "attn_output",
            "self_attn.q_norm" => "attn_q_norm",
            "self_attn.k_norm" => "attn_k_norm",
            "mlp.gate_proj" => "ffn_gate",
            "mlp.up_proj" => "ffn_up",
            "mlp.down_proj" => "ffn_down",
            var other => throw new NotSupportedException($"llama.cpp's qwen3 has no {other}."),
        };
        return $"blk.{pieces[2]}.{part}.weight";
    }
}
