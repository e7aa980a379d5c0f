using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>The autoregressive verifier of adaptive parallel decoding: scores each token given only the tokens before it.</summary>
internal interface IAutoregressiveScorer
{
    /// <summary>Whether it reads the prompt without a FIM middle token.</summary>
    bool ReadsText { get; }

    /// <summary>The canvas's own scorer, if its weights verify; null: scoring is separate.</summary>
    ICanvasScorer? Canvas => null;

    /// <summary>Scores every token from <paramref name="start"/> on, and the one after the last, in one go.</summary>
    /// <param name="sequence">Prompt, committed tokens and a draft, without masks.</param>
    /// <param name="start">First position to score; at least 1.</param>
    /// <param name="cancellation">May stop it midway.</param>
    /// <returns>(N, V), owned by the caller; N = sequence.Length − start + 1; row i scores the token at start + i given the tokens before that position. Finite.</returns>
    Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation);
}
