namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Every parameter of a transformer by its Hugging Face name, with its shape. Loading, initialising and optimising
/// all go by this one table. It allocates nothing.
/// </summary>
internal static class ParameterTable
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string OutputLayer = "lm_head.weight";

    /// <summary>Name of a layer's parameter, for example <c>model.layers.3.self_attn.q_proj.weight</c>.</summary>
    public static string Layer(int index, string part) => $"model.layers.{index}.{part}";

    /// <summary>Name → shape, in file order.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(ModelConfig c)
    {
        long width = c.HiddenSize, inner = c.IntermediateSize, query = (long)c.Heads * c.HeadSize, kv = (long)c.KeyValueHeads * c.HeadSize;
        var shapes = new Dictionary<string, long[]> { [Embedding] = [c.VocabularySize, width] };
        for (int i = 0; i < c.Layers; i++)
        {
            shapes[Layer(i, "input_layernorm.weight")] = [width];
            shapes[Layer(i, "self_attn.q_proj.weight")] = [query, width];
            shapes[Layer(i, "self_attn.k_proj.weight")] = [kv, width];
            shapes[Layer(i, "self_attn.v_proj.weight")] = [kv, width];
            shapes[Layer(i, "self_attn.o_proj.weight")] = [width, query];
            if (c.AttentionBias)
            {
                shapes[Layer(i, "self_attn.q_proj.bias")] = [query];
                shapes[Layer(i, "self_attn.k_proj.bias")] = [kv];
                shapes[Layer(i, "self_attn.v_proj.bias")] = [kv];
            }
            if (c.QueryKeyNorm)
            {
                shapes[Layer(i, "self_attn.q_norm.weight")] = [c.HeadSize];
                shapes[Layer(i, "self_attn.k_norm.weight")] = [c.HeadSize];
            }
            shapes[Layer(i, "post_attention_layernorm.weight")] = [width];
            shapes[Layer(i, "mlp.gate_proj.weight")] = [inner, width];
            shapes[Layer(i, "mlp.up_proj.weight")] = [inner, width];
            shapes[Layer(i, "mlp.down_proj.weight")] = [width, inner];
        }
        shapes[FinalNorm] = [width];
        if (!c.TieEmbeddings) shapes[OutputLayer] = [c.VocabularySize, width];
        return shapes;
    }

    /// <summary>Number of parameters.</summary>
    public static long Count(ModelConfig config) => Shapes(config).Values.Sum(s => s.Aggregate(1L, (a, b) => a * b));
}
