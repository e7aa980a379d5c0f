using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>The autoregressive side of adaptive parallel decoding: how probable is each token given what stands before it, and nothing else.</summary>
internal interface IAutoregressiveScorer
{
    /// <summary>It reads the prompt as text, without the FIM middle token.</summary>
    bool ReadsText { get; }

    /// <summary>The canvas's own scorer, if its weights verify; null: another scores.</summary>
    ICanvasScorer? Canvas => null;

    /// <summary>Scores every token from <paramref name="start"/> on, and the one after the last, at once.</summary>
    /// <param name="sequence">Prompt, committed tokens and a draft; no mask.</param>
    /// <param name="start">First position to score; at least 1.</param>
    /// <param name="cancellation">May end it in the middle.</param>
    /// <returns>(N, V), the caller's; N = sequence.Length − start + 1; row i scores the token at start + i given the tokens before that position. Finite.</returns>
    Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation);
}
