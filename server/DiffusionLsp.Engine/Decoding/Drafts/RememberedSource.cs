namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>What the last completion says should come now: the user typed on, or took something back. Kept in step by position only.</summary>
/// <param name="guess">The canvas's tokens, if the last completion still holds; may be empty.</param>
internal sealed class RememberedSource(IReadOnlyList<int> guess, int promptLength) : IDraftSource
{
    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position)
    {
        if (position >= guess.Count) return null;
        int wrong = 0;
        for (int i = 0; i < position; i++)
            if (guess[i] != sequence[promptLength + i]) wrong++;
        int kind = wrong == 0 ? 0 : guess[position - 1] == sequence[promptLength + position - 1] ? 1 : 2;
        return new DraftGuess(guess[position], AcceptanceRates.Remembered + kind);
    }
}
