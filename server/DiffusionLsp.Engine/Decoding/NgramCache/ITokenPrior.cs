namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>Knows something of the next token that the network does not. Plain numbers, no tensors.</summary>
internal interface ITokenPrior
{
    /// <param name="context">Everything before the token, all of it final.</param>
    /// <param name="network">What the network would write.</param>
    /// <returns>Null: nothing is known.</returns>
    NgramPrediction? Next(ReadOnlySpan<int> context, TopToken network);
}

/// <summary>The likeliest token and its probability.</summary>
internal readonly record struct TopToken(int Token, double Probability);

/// <summary>A distribution and how far to trust it.</summary>
/// <param name="Weight">λ of p = (1 − λ) · p_network + λ · p_cache, 0 to 1.</param>
/// <param name="Tokens">Distinct tokens with their shares, which sum to 1.</param>
internal sealed record NgramPrediction(double Weight, IReadOnlyList<(int Token, double Share)> Tokens);
