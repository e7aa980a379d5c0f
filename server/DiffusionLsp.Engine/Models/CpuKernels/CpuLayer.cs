using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>The weights of one layer, packed; norms and biases where the model has them. It computes nothing.</summary>
internal sealed unsafe class CpuLayer : IDisposable
{
    private readonly List<PackedMatrix> packed = [];

    private CpuLayer(ModelConfig config, int index, IReadOnlyDictionary<string, Tensor> weights)
    {
        float* Floats(string part) => HostMemory.Of<float>(weights[ParameterTable.Layer(index, part)]);
        InputNorm = Floats("input_layernorm.weight");
        AttentionNorm = Floats("post_attention_layernorm.weight");
        Bias = config.AttentionBias ? Floats(FusedParameters.QueryKeyValueBias) : null;
        QueryNorm = config.QueryKeyNorm ? Floats("self_attn.q_norm.weight") : null;
        KeyNorm = config.QueryKeyNorm ? Floats("self_attn.k_norm.weight") : null;
    }

    public float* InputNorm { get; }
    public float* AttentionNorm { get; }

    /// <summary>Null: none.</summary>
    public float* Bias { get; }

    /// <summary>Null: none.</summary>
    public float* QueryNorm { get; }

    /// <summary>Null: none.</summary>
    public float* KeyNorm { get; }

    /// <summary>All four.</summary>
    public IReadOnlyList<PackedMatrix> Packed => packed;

    public PackedMatrix QueryKeyValue => packed[0];
    public PackedMatrix AttentionOutput => packed[1];
    public PackedMatrix GateUp => packed[2];
    public PackedMatrix Down => packed[3];

    /// <param name="weights">Fused as <see cref="FusedParameters"/> says; they outlive the layer.</param>
    /// <returns>Null: some matrix cannot be packed.</returns>
    public static CpuLayer? TryPack(ModelConfig config, int index, IReadOnlyDictionary<string, Tensor> weights)
    {
        var layer = new CpuLayer(config, index, weights);
        foreach (string part in new[] { FusedParameters.QueryKeyValue, "self_attn.o_proj.weight", FusedParameters.GateUp, "mlp.down_proj.weight" })
        {
            if (PackedMatrix.TryPack(weights[ParameterTable.Layer(index, part)]) is not { } matrix)
            {
                layer.Dispose();
                return null;
            }
            layer.packed.Add(matrix);
        }
        return layer;
    }

    public void Dispose()
    {
        foreach (PackedMatrix matrix in packed) matrix.Dispose();
    }
}
