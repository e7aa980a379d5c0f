namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Every parameter of a transformer by its Hugging Face name, with its shape. Loading, initialisation and optimisation all
/// use this table. It allocates nothing.
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
        long width = c.HiddenSize;
        var shapes = new Dictionary<string, long[]> { [Embedding] = [c.VocabularySize, width] };
        for (int i = 0; i < c.Layers; i++)
            foreach ((string part, long[] shape) in LayerShapes(c, i)) shapes[Layer(i, part)] = shape;
        shapes[FinalNorm] = [width];
        if (!c.TieEmbeddings) shapes[OutputLayer] = [c.VocabularySize, width];
        return shapes;
    }

    /// <summary>The parameters of one layer, keyed by the part of their name after the layer's number.</summary>
    public static IEnumerable<(string Part, long[] Shape)> LayerShapes(ModelConfig c, int index)
    {
        long width = c.HiddenSize, query = (long)c.Heads * c.HeadSize, kv = (long)c.KeyValueHeads * c.HeadSize;
        yield return ("input_layernorm.weight", [width]);
        yield return ("self_attn.q_proj.weight", [query, width]);
        yield return ("self_attn.k_proj.weight", [kv, width]);
        yield return ("self_attn.v_proj.weight", [kv, width]);
        yield return ("self_attn.o_proj.weight", [width, query]);
        if (c.AttentionBias)
        {
            yield return ("self_attn.q_proj.bias", [query]);
            yield return ("self_attn.k_proj.bias", [kv]);
            yield return ("self_attn.v_proj.bias", [kv]);
        }
        if (c.QueryKeyNorm)
        {
            yield return ("self_attn.q_norm.weight", [c.HeadSize]);
            yield return ("self_attn.k_norm.weight", [c.HeadSize]);
        }
        yield return ("post_attention_layernorm.weight", [width]);
        if (c.Experts is { } experts && index >= experts.DenseLayers)
            foreach (var parameter in ExpertShapes(experts, width)) yield return parameter;
        else
            foreach (var parameter in FeedForwardShapes("mlp", c.IntermediateSize, width)) yield return parameter;
    }

    /// <summary>Number of parameters.</summary>
    public static long Count(ModelConfig config) => Shapes(config).Values.Sum(s => s.Aggregate(1L, (a, b) => a * b));

    private static IEnumerable<(string, long[])> ExpertShapes(ExpertConfig experts, long width)
    {
        yield return ("mlp.gate.weight", [experts.Count, width]);
        if (experts.SelectionBias) yield return ("mlp.gate.expert_bias", [experts.Count]);
        for (int e = 0; e < experts.Count; e++)
            foreach (var parameter in FeedForwardShapes($"mlp.experts.{e}", experts.IntermediateSize, width)) yield return parameter;
        if (experts.SharedIntermediateSize > 0)
            foreach (var parameter in FeedForwardShapes("mlp.shared_experts", experts.SharedIntermediateSize, width)) yield return parameter;
    }

    private static IEnumerable<(string, long[])> FeedForwardShapes(string name, long inner, long width) =>
    [
        ($"{name}.gate_proj.weight", [inner, width]),
        ($"{name}.up_proj.weight", [inner, width]),
        ($"{name}.down_proj.weight", [width, inner]),
    ];
}
