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
}
