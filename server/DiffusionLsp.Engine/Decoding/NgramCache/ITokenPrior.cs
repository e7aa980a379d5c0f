namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>A source of next-token predictions besides the network. Plain numbers, no tensors.</summary>
internal interface ITokenPrior
{
    /// <param name="context">All tokens before the predicted one, final.</param>
    /// <param name="network">The network's most probable token.</param>
    /// <returns>Null: no prediction.</returns>
    NgramPrediction? Next(ReadOnlySpan<int> context, TopToken network);
}

/// <summary>The most probable token and its probability.</summary>
internal readonly record struct TopToken(int Token, double Probability);

/// <summary>A distribution and its interpolation weight.</summary>
/// <param name="Weight">λ of p = (1 − λ) · p_network + λ · p_cache, 0 to 1.</param>
/// <param name="Tokens">Distinct tokens with their shares, which sum to 1.</param>
internal sealed record NgramPrediction(double Weight, IReadOnlyList<(int Token, double Share)> Tokens);
