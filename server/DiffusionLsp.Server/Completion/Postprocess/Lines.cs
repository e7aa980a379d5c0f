namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Small questions about text that several rules ask. Pure.</summary>
internal static class Lines
{
    private const int ShortestWord = 3;

    /// <summary>Whether there are at least three letters or digits in a row, so that two such texts are hardly equal by chance.</summary>
    public static bool HasWord(ReadOnlySpan<char> text)
    {
        int run = 0;
        foreach (char c in text)
        {
            run = char.IsLetterOrDigit(c) || c == '_' ? run + 1 : 0;
            if (run == ShortestWord) return true;
        }
        return false;
    }

    /// <summary>Whether two texts differ in blanks at most.</summary>
    public static bool IsSameText(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int i = 0, j = 0;
        while (true)
        {
            while (i < a.Length && char.IsWhiteSpace(a[i])) i++;
            while (j < b.Length && char.IsWhiteSpace(b[j])) j++;
            if (i == a.Length || j == b.Length) return i == a.Length && j == b.Length;
            if (a[i++] != b[j++]) return false;
        }
    }

    /// <summary>The index behind a quoted text that begins here and ends on the same line; the same index when none does.</summary>
    public static int SkipQuoted(string text, int at)
    {
        if (text[at] is not ('"' or '\'' or '`')) return at;
        for (int i = at + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == text[at]) return SkipNext(text, i + 1);
        }
        return at;
    }

    private static int SkipNext(string text, int at) => at < text.Length ? SkipQuoted(text, at) : at;
}
