namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft where it begins to go round in circles: one to three lines that come three times in a row are kept once,
/// and a line whose end repeats a piece again and again is cut off. It knows nothing of any language's grammar.
/// </summary>
internal sealed class StopAtRepetition : IPostprocessRule
{
    private const int MostLines = 3;
    private const int Rounds = 3;
    private const int ShortestPiece = 3;
    private const int LongestPiece = 24;
    private const int PieceRounds = 4;

    public NothingReason WhenEmpty => NothingReason.Repetitive;

    public string Apply(string draft, Surroundings surroundings)
    {
        string[] lines = draft.Split('\n');
        for (int start = 0; start < lines.Length; start++)
        {
            if (IsStuck(lines[start])) return string.Join('\n', lines[..start]);
            for (int period = 1; period <= MostLines; period++)
                if (Repeats(lines, start, period)) return string.Join('\n', lines[..(start + period)]);
        }
        return draft;
    }

    /// <summary>Whether the lines from here come three times; lines without a word, such as closing brackets, may.</summary>
    private static bool Repeats(string[] lines, int start, int period)
    {
        if (start + Rounds * period > lines.Length) return false;
        bool hasWord = false;
        for (int i = start; i < start + period; i++)
        {
            hasWord |= Lines.HasWord(lines[i]);
            for (int round = 1; round < Rounds; round++)
                if (!lines[i].AsSpan().Trim().SequenceEqual(lines[i + round * period].AsSpan().Trim())) return false;
        }
        return hasWord;
    }

    /// <summary>Whether a line ends with the same piece four times or more. Pieces without a letter, such as "0, ", may repeat.</summary>
    private static bool IsStuck(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan().TrimEnd();
        for (int length = ShortestPiece; length <= LongestPiece && length * PieceRounds <= text.Length; length++)
        {
            ReadOnlySpan<char> piece = text[^length..];
            int rounds = 1;
            while ((rounds + 1) * length <= text.Length && text[^((rounds + 1) * length)..^(rounds * length)].SequenceEqual(piece)) rounds++;
            if (rounds >= PieceRounds && HasLetter(piece)) return true;
        }
        return false;
    }

    private static bool HasLetter(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (char.IsLetter(c)) return true;
        return false;
    }
}
