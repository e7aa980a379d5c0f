namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Guesses the next token for nothing. It may be wrong: a forward checks it.</summary>
internal interface IDraftSource
{
    /// <param name="sequence">Prompt, committed tokens and the draft so far.</param>
    /// <param name="position">Canvas position of the token to guess.</param>
    DraftGuess? Next(ReadOnlySpan<int> sequence, int position);
}

/// <summary>One guess.</summary>
/// <param name="Token">The token.</param>
/// <param name="Bucket">Which guesses it is counted with, in <see cref="AcceptanceRates"/>.</param>
internal readonly record struct DraftGuess(int Token, int Bucket);
