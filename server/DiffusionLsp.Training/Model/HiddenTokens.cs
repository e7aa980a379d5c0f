using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Chooses which tokens of a row a bidirectional model must predict: masked diffusion (LLaDA, arXiv 2502.09992; alternately equation 3
/// over whole rows and equation 5 after a prompt). Plain numbers; no tensors.
/// </summary>
internal static class HiddenTokens
{
    /// <summary>
    /// Draws a ratio t ~ U(0, 1) and hides each token from a first position on with probability t, the first one always. In half of the
    /// rows the first position is where the last hole begins, as in serving (anywhere if there is no hole).
    /// </summary>
    /// <param name="clean">The row's ids, at least two.</param>
    /// <param name="inputs">Receives the ids that are fed.</param>
    /// <param name="weights">
    /// Receives the loss weight of each position: min(1/t, limit) if its token is hidden, else 0. The end tokens that fill a row after the
    /// first one together weigh as much as one token; otherwise they would dominate the loss.
    /// </param>
    public static void Hide(ReadOnlySpan<long> clean, SpecialTokens special, double limit, Random random, Span<long> inputs, Span<float> weights)
    {
        int hole = special.FimMiddle is { } fimMiddle ? clean[..^1].LastIndexOf(fimMiddle) + 1 : 0;
        int first = random.Next(2) == 0 ? 1 : hole > 0 ? hole : random.Next(1, clean.Length); // a shifted model does not score the first token
        double ratio = random.NextDouble();
        for (int p = 0; p < clean.Length; p++)
        {
            bool hidden = p == first || (p > first && random.NextDouble() < ratio);
            inputs[p] = hidden ? special.Mask : clean[p];
            weights[p] = hidden ? (float)Math.Min(1 / ratio, limit) : 0;
        }
        int fill = clean.LastIndexOfAnyExcept(special.EndOfText) + 2, ends = 0;
        for (int p = fill; p < clean.Length; p++) ends += weights[p] > 0 ? 1 : 0;
        for (int p = fill; p < clean.Length; p++) weights[p] /= Math.Max(1, ends);
    }
}
