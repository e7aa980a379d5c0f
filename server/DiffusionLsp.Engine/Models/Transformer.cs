using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// The only transformer: RMSNorm, rotary positions, grouped-query attention, SwiGLU (Llama, Qwen2, Qwen3, LLaDA and
/// Dream bodies). It maps ids to hidden rows, and hidden rows to logits. It knows nothing of mask tokens, shifts, steps or
/// training: the caller says which rows each row sees.
/// </summary>
internal sealed class Transformer : IDisposable
{
    private readonly ModelConfig config;
    private readonly TransformerLayer[] layers;
    private readonly RotaryEmbedding rotary;
    private readonly Tensor embedding, finalNorm, output;
    private readonly bool ownsRotary;

    /// <param name="weights">Tensors by the names of <see cref="ParameterTable"/>, all of one type on one device. Not owned; gradients flow through.</param>
    /// <param name="rotary">Shared cosines and sines; null: computed here.</param>
    public Transformer(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, RotaryEmbedding? rotary = null)
    {
        this.config = config;
        embedding = weights[ParameterTable.Embedding];
        finalNorm = weights[ParameterTable.FinalNorm];
        output = config.TieEmbeddings ? embedding : weights[ParameterTable.OutputLayer];
        ownsRotary = rotary is null;
        this.rotary = rotary ?? new RotaryEmbedding(config, embedding.device, embedding.dtype);
        layers = [.. Enumerable.Range(0, config.Layers).Select(i => new TransformerLayer(config, i, weights))];
    }

    public ModelConfig Config => config;

    /// <summary>What it computes with, for code that does the same over fixed memory.</summary>
    public TransformerWeights Weights => new(embedding, finalNorm, output, rotary.Cosines, rotary.Sines, [.. layers.Select(layer => layer.Weights)]);

    public Device Device => embedding.device;
    public ScalarType DataType => embedding.dtype;

    /// <summary>Hidden rows after the final norm.</summary>
    /// <param name="ids">(B, T) int64</param>
    /// <param name="positions">(T) int64, position of each row in its document</param>
    /// <param name="attention">Which rows each row sees.</param>
    /// <returns>(B, T, D)</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor Forward(Tensor ids, Tensor positions, AttentionScope attention)
    {
        using var scope = NewDisposeScope();
        attention = attention.WithMask(Device);
        var at = rotary.At(positions);
        var x = embedding.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], config.HiddenSize); // (B, T, D)
        foreach (TransformerLayer layer in layers)
        {
            attention.Cancellation.ThrowIfCancellationRequested();
            x = layer.Forward(x, at, attention);
        }
        return RmsNorm.Apply(x, finalNorm, config.NormEpsilon).MoveToOuterDisposeScope();
    }

    /// <summary>Moves rotated keys to other positions.</summary>
    /// <param name="keys">(…, d), rotated</param>
    /// <param name="by">Positions to move by; may be negative.</param>
    /// <returns>(…, d), of the same type, after one more rounding</returns>
    public Tensor Turned(Tensor keys, int by) => rotary.Turned(keys, by);

    /// <summary>Logits of every vocabulary entry.</summary>
    /// <param name="hidden">(…, D)</param>
    /// <returns>(…, V)</returns>
    public Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, output);

    public void Dispose()
    {
        foreach (TransformerLayer layer in layers) layer.Dispose();
        if (ownsRotary) rotary.Dispose();
    }
}
