namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Prompt lookup: what followed the longest earlier match of the last tokens, in the text before and after the hole and in what was written.</summary>
internal sealed class MatchSource(NgramModel ngrams) : IDraftSource
{
    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position) => ngrams.Longest(sequence) is var (token, length)
        ? new DraftGuess(token, AcceptanceRates.Match + Math.Min(length, AcceptanceRates.LongestMatch) - 1)
        : null;
}
