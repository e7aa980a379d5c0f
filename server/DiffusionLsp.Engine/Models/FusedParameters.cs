namespace DiffusionLsp.Engine.Models;

/// <summary>
/// The parameters as a forward needs them: q, k, v in one matrix, gate and up in one, all experts of a layer in one.
/// Maps each parameter of <see cref="ParameterTable"/> to its place in them, so that weights are read from the file directly
/// into place. It allocates nothing.
/// </summary>
internal static class FusedParameters
{
    public const string QueryKeyValue = "self_attn.qkv_proj.weight";
    public const string QueryKeyValueBias = "self_attn.qkv_proj.bias";
    /// <summary>(H + K, d): the norm's weights of every query head, then of every key head. Not stored by the loader; a layer computes it unless it is given.</summary>
    public const string HeadNorm = "self_attn.qk_norm.weight";
    public const string GateUp = "mlp.gate_up_proj.weight";
    public const string SharedGateUp = "mlp.shared_experts.gate_up_proj.weight";
    public const string ExpertGateUp = "mlp.experts.gate_up_proj.weight";
    public const string ExpertDown = "mlp.experts.down_proj.weight";

    /// <summary>Name → shape of everything held in memory.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(ModelConfig config)
    {
        var shapes = new Dictionary<string, long[]>();
        foreach ((string name, long[] shape) in ParameterTable.Shapes(config))
        {
            FusedPlace place = PlaceOf(config, name);
            long[] held = place.Stack > 0 ? [place.Stack, place.Rows / place.Stack, .. shape[1..]] : [place.Rows, .. shape[1..]];
            shapes[place.Parameter] = place.Rows > 0 ? held : shape;
        }
        return shapes;
    }

    /// <summary>The place of a parameter of the table.</summary>
    /// <param name="name">A name of <see cref="ParameterTable.Shapes"/>.</param>
    public static FusedPlace PlaceOf(ModelConfig config, string name)
    {
        string[] pieces = name.Split('.');
        if (pieces is not ["model", "layers", var layer, ..]) return new FusedPlace(name, 0, 0, 0);
        string part = string.Join('.', pieces[3..]);
        FusedPlace local = pieces.Length > 5 && pieces[4] == "experts" ? ExpertPlace(config, int.Parse(pieces[5]), part) : DensePlace(config, part);
        return local with { Parameter = $"model.layers.{layer}.{local.Parameter}" };
    }

    private static FusedPlace DensePlace(ModelConfig c, string part)
    {
        long query = (long)c.Heads * c.HeadSize, kv = (long)c.KeyValueHeads * c.HeadSize, all = query + 2 * kv;
        long inner = c.IntermediateSize, shared = c.Experts?.SharedIntermediateSize ?? 0;
        return part switch
        {
            "self_attn.q_proj.weight" => new(QueryKeyValue, 0, all, 0),
            "self_attn.k_proj.weight" => new(QueryKeyValue, query, all, 0),
            "self_attn.v_proj.weight" => new(QueryKeyValue, query + kv, all, 0),
            "self_attn.q_proj.bias" => new(QueryKeyValueBias, 0, all, 0),
            "self_attn.k_proj.bias" => new(QueryKeyValueBias, query, all, 0),
            "self_attn.v_proj.bias" => new(QueryKeyValueBias, query + kv, all, 0),
            "mlp.gate_proj.weight" => new(GateUp, 0, 2 * inner, 0),
            "mlp.up_proj.weight" => new(GateUp, inner, 2 * inner, 0),
            "mlp.shared_experts.gate_proj.weight" => new(SharedGateUp, 0, 2 * shared, 0),
            "mlp.shared_experts.up_proj.weight" => new(SharedGateUp, shared, 2 * shared, 0),
            _ => new(part, 0, 0, 0),
        };
    }

    private static FusedPlace ExpertPlace(ModelConfig c, int expert, string part)
    {
        long inner = c.Experts!.IntermediateSize, count = c.Experts.Count, width = c.HiddenSize;
        if (part.EndsWith("down_proj.weight", StringComparison.Ordinal)) return new(ExpertDown, expert * width, count * width, count);
        long first = expert * 2 * inner + (part.EndsWith("up_proj.weight", StringComparison.Ordinal) ? inner : 0);
        return new(ExpertGateUp, first, count * 2 * inner, count);
    }
}

/// <summary>Part of a parameter held in memory.</summary>
/// <param name="Parameter">Name of the parameter in memory.</param>
/// <param name="FirstRow">First row of the part, with the parameter viewed as a matrix.</param>
/// <param name="Rows">Rows of the whole parameter; 0: the part is the whole.</param>
/// <param name="Stack">Number of matrices stacked in the whole; 0: it is one matrix.</param>
internal readonly record struct FusedPlace(string Parameter, long FirstRow, long Rows, long Stack);
