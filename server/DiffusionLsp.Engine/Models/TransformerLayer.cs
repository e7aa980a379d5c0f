using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>One layer: attention and SwiGLU, each behind a norm and added to the residual stream. q, k, v and gate, up are fused.</summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly ModelConfig config;
    private readonly int index;
    private readonly Tensor inputNorm, attentionNorm, queryKeyValue, attentionOutput, gateUp, down;
    private readonly Tensor? bias, queryNorm, keyNorm;

    public TransformerLayer(ModelConfig config, int index, IReadOnlyDictionary<string, Tensor> weights)
    {
        (this.config, this.index) = (config, index);
        Tensor Of(string part) => weights[ParameterTable.Layer(index, part)];
        inputNorm = Of("input_layernorm.weight");
        attentionNorm = Of("post_attention_layernorm.weight");
        queryKeyValue = cat([Of("self_attn.q_proj.weight"), Of("self_attn.k_proj.weight"), Of("self_attn.v_proj.weight")], dim: 0);
        bias = config.AttentionBias ? cat([Of("self_attn.q_proj.bias"), Of("self_attn.k_proj.bias"), Of("self_attn.v_proj.bias")], dim: 0) : null;
        attentionOutput = Of("self_attn.o_proj.weight");
        queryNorm = config.QueryKeyNorm ? Of("self_attn.q_norm.weight") : null;
        keyNorm = config.QueryKeyNorm ? Of("self_attn.k_norm.weight") : null;
        gateUp = cat([Of("mlp.gate_proj.weight"), Of("mlp.up_proj.weight")], dim: 0);
        down = Of("mlp.down_proj.weight");
    }

    /// <param name="x">(B, T, D)</param>
    /// <returns>(B, T, D)</returns>
    public Tensor Forward(Tensor x, (Tensor Cos, Tensor Sin) at, AttentionScope scope)
    {
        x = x.Plus(Attend(RmsNorm.Apply(x, inputNorm, config.NormEpsilon), at, scope));
        return x.Plus(FeedForward(RmsNorm.Apply(x, attentionNorm, config.NormEpsilon)));
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
        if (scope.Cache is { } cache) (rotated, value) = cache.Write(index, key, rotated, value);
        var seen = Attention.Apply(query, rotated, value, scope); // (B, H, T, d)
        return nn.functional.linear(seen.transpose(1, 2).reshape(batch, rows, heads * size), attentionOutput);
    }

    private Tensor Normalised(Tensor x, Tensor? weight) => weight is null ? x : RmsNorm.Apply(x, weight, config.NormEpsilon);

    private Tensor FeedForward(Tensor x)
    {
        var both = nn.functional.linear(x, gateUp); // (B, T, 2F)
        Tensor[] halves = both.chunk(2, dim: -1);
        return nn.functional.linear(nn.functional.silu(halves[0]) * halves[1], down);
    }

    public void Dispose()
    {
        queryKeyValue.Dispose();
        gateUp.Dispose();
        bias?.Dispose();
    }
}
