namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Follows the initial draft of the whole hole, aligned by position only.</summary>
internal sealed class InitialDraftSource(InitialDraft draft, int promptLength) : IDraftSource
{
    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position)
    {
        IReadOnlyList<int> tokens = draft.Tokens;
        if (position >= tokens.Count) return null;
        int wrong = 0;
        for (int i = 0; i < position; i++)
            if (tokens[i] != sequence[promptLength + i]) wrong++;
        int bucket = wrong == 0 ? AcceptanceRates.GuessAfter(draft.MatchLength)
            : tokens[position - 1] == sequence[promptLength + position - 1] ? AcceptanceRates.GuessBackInStep
            : AcceptanceRates.GuessOutOfStep;
        return new DraftGuess(tokens[position], bucket);
    }
}
