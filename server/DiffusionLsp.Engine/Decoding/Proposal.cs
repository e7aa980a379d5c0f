namespace DiffusionLsp.Engine.Decoding;

/// <summary>What the model would write at one masked position, and how sure it is.</summary>
/// <param name="Position">Index in the canvas.</param>
/// <param name="TokenId">The proposed token.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="Margin">Its probability less the best other one's.</param>
/// <param name="Entropy">Entropy of the whole distribution, in nats.</param>
internal readonly record struct Proposal(int Position, int TokenId, float Confidence, float Margin, float Entropy);
