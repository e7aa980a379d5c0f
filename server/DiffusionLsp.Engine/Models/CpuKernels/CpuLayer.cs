namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Addresses of one layer's weights; norms and biases only if the model has them. It computes nothing.</summary>
/// <param name="weights">Not owned; they must outlive this.</param>
internal sealed unsafe class CpuLayer(ModelConfig config, int index, HostWeights weights)
{
    public float* InputNorm { get; } = weights.Vector(ParameterTable.Layer(index, "input_layernorm.weight"));
    public float* AttentionNorm { get; } = weights.Vector(ParameterTable.Layer(index, "post_attention_layernorm.weight"));

    /// <summary>Null: none.</summary>
    public float* Bias { get; } = config.AttentionBias ? weights.Vector(ParameterTable.Layer(index, FusedParameters.QueryKeyValueBias)) : null;

    /// <summary>Null: none.</summary>
    public float* QueryNorm { get; } = config.QueryKeyNorm ? weights.Vector(ParameterTable.Layer(index, "self_attn.q_norm.weight")) : null;

    /// <summary>Null: none.</summary>
    public float* KeyNorm { get; } = config.QueryKeyNorm ? weights.Vector(ParameterTable.Layer(index, "self_attn.k_norm.weight")) : null;

    public PackedMatrix QueryKeyValue { get; } = weights.Matrix(ParameterTable.Layer(index, FusedParameters.QueryKeyValue));
    public PackedMatrix AttentionOutput { get; } = weights.Matrix(ParameterTable.Layer(index, "self_attn.o_proj.weight"));
    public PackedMatrix GateUp { get; } = weights.Matrix(ParameterTable.Layer(index, FusedParameters.GateUp));
    public PackedMatrix Down { get; } = weights.Matrix(ParameterTable.Layer(index, "mlp.down_proj.weight"));
}
