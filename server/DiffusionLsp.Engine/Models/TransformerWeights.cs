using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>The tensors that a transformer computes with, all of one type on one device. Owned by the transformer or by its creator.</summary>
/// <param name="Embedding">(V, D)</param>
/// <param name="FinalNorm">(D)</param>
/// <param name="Output">(V, D)</param>
/// <param name="Cosines">(positions, r)</param>
/// <param name="Sines">(positions, r), the first half negated</param>
internal sealed record TransformerWeights(Tensor Embedding, Tensor FinalNorm, Tensor Output, Tensor Cosines, Tensor Sines, LayerWeights[] Layers);

/// <summary>The tensors of one layer.</summary>
/// <param name="InputNorm">(D)</param>
/// <param name="AttentionNorm">(D), of the norm after attention</param>
/// <param name="QueryKeyValue">((H + 2 · K) · d, D)</param>
/// <param name="Bias">((H + 2 · K) · d); null: none</param>
/// <param name="Output">(D, H · d)</param>
/// <param name="HeadNorm">(H + K, d), the query heads' weight and then the key heads'; null: none</param>
/// <param name="GateUp">(2 · F, D); null: a mixture of experts</param>
/// <param name="Down">(D, F); null: a mixture of experts</param>
internal sealed record LayerWeights(Tensor InputNorm, Tensor AttentionNorm, Tensor QueryKeyValue, Tensor? Bias, Tensor Output, Tensor? HeadNorm, Tensor? GateUp, Tensor? Down);
