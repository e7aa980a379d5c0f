namespace DiffusionLsp.Engine.Confidence;

/// <summary>
/// Decides how much of a completion to show: up to the last word, expression or line whose probability of being right reaches a
/// threshold. Pure.
/// </summary>
public static class SuggestionCut
{
    /// <summary>Minimum length of a shortened suggestion in characters, ignoring surrounding whitespace; shorter ones are not shown.</summary>
    public const int Least = 3;

    /// <summary>The number of UTF-16 code units to show; 0: nothing.</summary>
    /// <param name="confidence">The estimate for the text.</param>
    /// <param name="threshold">Minimum probability; 0: show everything.</param>
    public static int Length(string text, SuggestionConfidence confidence, double threshold)
    {
        int sure = 0;
        foreach (TokenConfidence token in confidence.Tokens)
        {
            if (token.Probability < threshold) break;
            sure = token.End;
        }
        if (confidence.Tokens.Count == 0 || sure >= text.Length || confidence.Tokens[^1].Probability >= threshold) return text.Length;
        while (sure > 0 && !IsCutPoint(text, sure)) sure--;
        return text[..sure].Trim().Length < Least ? 0 : sure;
    }

    /// <summary>Whether the text before an index can be accepted as it is: it ends with a line, a word, a literal or a closed bracket.</summary>
    private static bool IsCutPoint(string text, int at)
    {
        char last = text[at - 1], next = text[at];
        if (char.IsWhiteSpace(last) || char.IsLowSurrogate(next)) return false;
        if (next is '\r' or '\n') return true;
        if (IsWord(last)) return !IsWord(next);
        return last is ')' or ']' or '}' or ';' or '"' or '\'' or '`';
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c);
}
