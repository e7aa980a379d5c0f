namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Guesses the next token without a forward pass. It may be wrong: a forward verifies it.</summary>
internal interface IDraftSource
{
    /// <param name="sequence">Prompt, committed tokens and the draft so far.</param>
    /// <param name="position">Canvas position of the token to guess.</param>
    /// <returns>Null: no guess.</returns>
    DraftGuess? Next(ReadOnlySpan<int> sequence, int position);
}

/// <summary>One guess.</summary>
/// <param name="Token">The token.</param>
/// <param name="Bucket">The kind of guess, as an index into <see cref="AcceptanceRates"/>.</param>
internal readonly record struct DraftGuess(int Token, int Bucket);
