namespace DiffusionLsp.Engine.Decoding;

/// <summary>The model's proposal for one masked position, and its confidence.</summary>
/// <param name="Position">Index in the canvas.</param>
/// <param name="TokenId">The proposed token.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="Margin">Its probability minus that of the runner-up.</param>
/// <param name="Entropy">Entropy of the full distribution, in nats.</param>
internal readonly record struct Proposal(int Position, int TokenId, float Confidence, float Margin, float Entropy);
