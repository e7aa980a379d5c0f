using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// One layer: attention and a SwiGLU layer or a mixture of experts, each behind a norm and added to the residual stream.
/// q, k, v and gate, up are fused: by the loader already, or here when weights come in parts, as in training.
/// </summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly ModelConfig config;
    private readonly int index;
    private readonly Tensor inputNorm, attentionNorm, queryKeyValue, attentionOutput;
    private readonly Tensor? bias, queryNorm, keyNorm, gateUp, down;
    private readonly MixtureOfExperts? experts;
    private readonly List<Tensor> owned = [];

    public TransformerLayer(ModelConfig config, int index, IReadOnlyDictionary<string, Tensor> weights)
    {
        (this.config, this.index) = (config, index);
        Tensor Of(string part) => weights[ParameterTable.Layer(index, part)];
        Tensor Fused(string whole, params ReadOnlySpan<string> parts)
        {
            if (weights.TryGetValue(ParameterTable.Layer(index, whole), out Tensor? ready)) return ready;
            var list = new List<Tensor>();
            foreach (string part in parts) list.Add(Of(part));
            var made = cat(list, dim: 0);
            owned.Add(made);
            return made;
        }
        inputNorm = Of("input_layernorm.weight");
        attentionNorm = Of("post_attention_layernorm.weight");
        queryKeyValue = Fused(FusedParameters.QueryKeyValue, "self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight");
        bias = config.AttentionBias ? Fused(FusedParameters.QueryKeyValueBias, "self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias") : null;
        attentionOutput = Of("self_attn.o_proj.weight");
        queryNorm = config.QueryKeyNorm ? Of("self_attn.q_norm.weight") : null;
        keyNorm = config.QueryKeyNorm ? Of("self_attn.k_norm.weight") : null;
        if (config.Experts is { } mixture && index >= mixture.DenseLayers)
        {
            experts = new MixtureOfExperts(mixture, Of("mlp.gate.weight"), mixture.SelectionBias ? Of("mlp.gate.expert_bias") : null,
                Of(FusedParameters.ExpertGateUp), Of(FusedParameters.ExpertDown),
                mixture.SharedIntermediateSize > 0 ? (Of(FusedParameters.SharedGateUp), Of("mlp.shared_experts.down_proj.weight")) : null);
            return;
        }
        gateUp = Fused(FusedParameters.GateUp, "mlp.gate_proj.weight", "mlp.up_proj.weight");
        down = Of("mlp.down_proj.weight");
    }

    /// <param name="x">(B, T, D)</param>
    /// <returns>(B, T, D)</returns>
    public Tensor Forward(Tensor x, (Tensor Cos, Tensor Sin) at, AttentionScope scope)
    {
        x = x.Plus(Attend(RmsNorm.Apply(x, inputNorm, config.NormEpsilon), at, scope));
        var normal = RmsNorm.Apply(x, attentionNorm, config.NormEpsilon);
        return x.Plus(experts is null ? MixtureOfExperts.SwiGlu(normal, gateUp!, down!) : experts.Forward(normal));
    }

    private Tensor Attend(Tensor x, (Tensor Cos, Tensor Sin) at, AttentionScope scope)
    {
        (long batch, long rows) = (x.shape[0], x.shape[1]);
        (long heads, long kvHeads, long size) = (config.Heads, config.KeyValueHeads, config.HeadSize);
        var fused = nn.functional.linear(x, queryKeyValue, bias).view(batch, rows, heads + 2 * kvHeads, size).transpose(1, 2); // (B, H + 2K, T, d)
        // split, not narrow: its backward is one concatenation instead of three padded sums.
        Tensor[] parts = fused.split([heads, kvHeads, kvHeads], dim: 1);
        var (query, key, value) = (Normalised(parts[0], queryNorm), Normalised(parts[1], keyNorm), parts[2]);
        query = RotaryEmbedding.Rotate(query, at);
        var rotated = RotaryEmbedding.Rotate(key, at);
        if (scope.Cache is { } cache) (rotated, value) = ((TensorArena)cache.Arena).Write(cache, index, rotated, value);
        var seen = scope.Packed?.Apply(index, query, rotated, value) ?? Attention.Apply(query, rotated, value, scope); // (B, H, T, d)
        return nn.functional.linear(seen.transpose(1, 2).reshape(batch, rows, heads * size), attentionOutput);
    }

    private Tensor Normalised(Tensor x, Tensor? weight) => weight is null ? x : RmsNorm.Apply(x, weight, config.NormEpsilon);

    public void Dispose()
    {
        foreach (Tensor tensor in owned) tensor.Dispose();
    }
}
