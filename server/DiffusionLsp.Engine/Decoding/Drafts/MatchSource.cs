namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Prompt lookup: the continuation of the longest earlier match of the last tokens, in the text around the hole and in the completion so far.</summary>
internal sealed class MatchSource(NgramModel ngrams) : IDraftSource
{
    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position) => ngrams.Longest(sequence) is var (token, length)
        ? new DraftGuess(token, AcceptanceRates.Match + Math.Min(length, AcceptanceRates.LongestMatch) - 1)
        : null;
}
