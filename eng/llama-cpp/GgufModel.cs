using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.LlamaCpp;

/// <summary>A family's miniature under llama.cpp's names and keys. It computes nothing.</summary>
internal static class GgufModel
{
    public static void Write(string path, string architecture, FamilyCase family, Dictionary<string, float[]> values)
    {
        var file = new GgufWriter();
        BodyShape b = family.Body;
        AddKeys(file, architecture, b, (uint)(int)family.Config["vocab_size"]!);
        long vocabulary = (int)family.Config["vocab_size"]!;
        file.Add("token_embd.weight", values["model.embed_tokens.weight"], b.Width, vocabulary);
        file.Add("output_norm.weight", values["model.norm.weight"], b.Width);
        file.Add("output.weight", values["lm_head.weight"], b.Width, vocabulary);
        for (int layer = 0; layer < b.Layers; layer++) AddLayer(file, architecture, b, values, layer);
        file.Write(path);
    }

    private static void AddKeys(GgufWriter file, string architecture, BodyShape b, uint vocabulary)
    {
        file.Add("general.architecture", architecture);
        file.Add("tokenizer.ggml.model", "none");
        foreach ((string key, object value) in new (string, object)[]
        {
            ("vocab_size", vocabulary), ("context_length", 512u), ("embedding_length", (uint)b.Width), ("block_count", (uint)b.Layers),
            ("feed_forward_length", (uint)b.Inner), ("attention.head_count", (uint)b.Heads), ("attention.head_count_kv", (uint)b.KeyValueHeads),
            ("rope.freq_base", (float)b.Theta), ("rope.dimension_count", (uint)b.HeadSize), ("attention.layer_norm_rms_epsilon", (float)b.Epsilon), ("attention.causal", false),
        }) file.Add($"{architecture}.{key}", value);
        if (b.Experts is not { } experts) return;
        file.Add($"{architecture}.expert_count", (uint)experts.Count);
        file.Add($"{architecture}.expert_used_count", (uint)experts.PerToken);
        file.Add($"{architecture}.expert_feed_forward_length", (uint)experts.Inner);
    }

    private static void AddLayer(GgufWriter file, string architecture, BodyShape b, Dictionary<string, float[]> values, int layer)
    {
        string from = $"model.layers.{layer}.", to = $"blk.{layer}.";
        long query = b.Heads * b.HeadSize, kv = b.KeyValueHeads * b.HeadSize;
        // llama.cpp turns neighbouring dimensions for its "llada", and halves for the others.
        float[] Turned(string name, int heads) => architecture == "llada" ? Interleaved(values[from + name], heads, b.HeadSize) : values[from + name];
        file.Add(to + "attn_norm.weight", values[from + "input_layernorm.weight"], b.Width);
        file.Add(to + "ffn_norm.weight", values[from + "post_attention_layernorm.weight"], b.Width);
        file.Add(to + "attn_q.weight", Turned("self_attn.q_proj.weight", b.Heads), b.Width, query);
        file.Add(to + "attn_k.weight", Turned("self_attn.k_proj.weight", b.KeyValueHeads), b.Width, kv);
        file.Add(to + "attn_v.weight", values[from + "self_attn.v_proj.weight"], b.Width, kv);
        file.Add(to + "attn_output.weight", values[from + "self_attn.o_proj.weight"], query, b.Width);
        if (b.Bias)
            foreach ((string part, long rows) in new[] { ("q", query), ("k", kv), ("v", kv) }) file.Add($"{to}attn_{part}.bias", values[$"{from}self_attn.{part}_proj.bias"], rows);
        if (b.QueryKeyNorm)
            foreach (string part in new[] { "q", "k" }) file.Add($"{to}attn_{part}_norm.weight", values[$"{from}self_attn.{part}_norm.weight"], b.HeadSize);
        if (b.Experts is { } experts) file.Add(to + "ffn_gate_inp.weight", values[from + "mlp.gate.weight"], b.Width, experts.Count);
        foreach (string part in new[] { "gate", "up", "down" })
        {
            long[] Shape(long inner) => part == "down" ? [inner, b.Width] : [b.Width, inner];
            if (b.Experts is { } e)
                file.Add($"{to}ffn_{part}_exps.weight", [.. Enumerable.Range(0, e.Count).SelectMany(i => values[$"{from}mlp.experts.{i}.{part}_proj.weight"])], [.. Shape(e.Inner), e.Count]);
            else file.Add($"{to}ffn_{part}.weight", values[$"{from}mlp.{part}_proj.weight"], Shape(b.Inner));
        }
    }

    /// <summary>Rows of each head: i and i + d/2 become neighbours.</summary>
    private static float[] Interleaved(float[] rows, int heads, int size)
    {
        int width = rows.Length / (heads * size);
        var result = new float[rows.Length];
        for (int head = 0; head < heads; head++)
            for (int i = 0; i < size / 2; i++)
                for (int half = 0; half < 2; half++)
                    Array.Copy(rows, (head * size + half * size / 2 + i) * width, result, (head * size + 2 * i + half) * width, width);
        return result;
    }
}
