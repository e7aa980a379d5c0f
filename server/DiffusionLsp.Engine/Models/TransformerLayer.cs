using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// One layer: attention, then a SwiGLU layer or a mixture of experts, each after a norm and added to the residual stream.
/// q, k, v and gate, up are fused: by the loader, or here if the weights come separately, as in training.
/// </summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly ModelConfig config;
    private readonly int index;
    private readonly Tensor inputNorm, attentionNorm, queryKeyValue, attentionOutput;
    private readonly Tensor? bias, headNorm, gateUp, down; // headNorm: (H + K, d), the query heads' weight and then the key heads'
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
        if (config.QueryKeyNorm && !weights.TryGetValue(ParameterTable.Layer(index, FusedParameters.HeadNorm), out headNorm))
        {
            headNorm = cat([Of("self_attn.q_norm.weight").expand(config.Heads, config.HeadSize), Of("self_attn.k_norm.weight").expand(config.KeyValueHeads, config.HeadSize)], dim: 0);
            owned.Add(headNorm);
        }
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

    public LayerWeights Weights => new(inputNorm, attentionNorm, queryKeyValue, bias, attentionOutput, headNorm, gateUp, down);

    /// <param name="x">(B, T, D)</param>
    /// <returns>(B, T, D)</returns>
    public Tensor Forward(Tensor x, (Tensor Cos, Tensor Sin) at, AttentionScope scope)
    {
        long[] shape = x.shape;
        var rows = x.view(-1, config.HiddenSize); // (B · T, D), the shape for products that also add
        rows = rows.PlusRows(Attend(RmsNorm.Apply(rows, inputNorm, config.NormEpsilon), shape[0], shape[1], at, scope), attentionOutput);
        var normal = RmsNorm.Apply(rows, attentionNorm, config.NormEpsilon);
        rows = experts is null ? rows.PlusRows(MixtureOfExperts.Gated(normal, gateUp!), down!) : rows.Plus(experts.Forward(normal));
        return rows.view(shape);
    }

    /// <param name="x">(B · T, D)</param>
    /// <returns>(B · T, H · d)</returns>
    private Tensor Attend(Tensor x, long batch, long rows, (Tensor Cos, Tensor Sin) at, AttentionScope scope)
    {
        (long heads, long kvHeads, long size) = (config.Heads, config.KeyValueHeads, config.HeadSize);
        var fused = x.Linear(queryKeyValue, bias).view(batch, rows, heads + 2 * kvHeads, size);
        // split, not narrow: its backward pass is one concatenation instead of a sum of padded gradients.
        Tensor[] parts = fused.split([heads + kvHeads, kvHeads], dim: 2); // (B, T, H + K, d) and (B, T, K, d)
        // Queries and keys together, which halves the number of operators.
        var turned = RotaryEmbedding.Rotate(headNorm is null ? parts[0] : RmsNorm.Apply(parts[0], headNorm, config.NormEpsilon), at).transpose(1, 2);
        Tensor[] both = turned.split([heads, kvHeads], dim: 1);
        var (query, key, value) = (both[0], both[1], parts[1].transpose(1, 2)); // (B, H, T, d), (B, K, T, d) twice
        if (scope.Cache is { } cache) (key, value) = ((TensorArena)cache.Arena).Write(cache, index, key, value);
        var seen = scope.Packed?.Apply(index, query, key, value) ?? Attention.Apply(query, key, value, scope); // (B, H, T, d)
        return seen.transpose(1, 2).reshape(batch * rows, heads * size);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in owned) tensor.Dispose();
    }
}
