using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Small predicates on text that several rules share. Pure.</summary>
internal static class Lines
{
    private const int ShortestWord = 3, ShortestTelling = 8;

    private static readonly string[] Marks = ["[", "@", "#", "//", "/*", "*"];
    private static readonly string[] Jumps = ["return", "throw", "raise", "break", "continue", "yield"];

    /// <summary>Whether there are at least three letters or digits in a row, so that two such texts are unlikely to be equal by chance.</summary>
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

    /// <summary>Whether a line is distinctive: not one that is legitimately repeated, such as an attribute or a comment.</summary>
    public static bool Tells(string line)
    {
        string text = line.Trim();
        return text.Length >= ShortestTelling && HasWord(text) && !Marks.Any(mark => text.StartsWith(mark, StringComparison.Ordinal));
    }

    /// <summary>Whether a line leaves its block, as <c>return</c> does.</summary>
    public static bool Leaves(string line) => Jumps.Contains(Words.First(line));

    /// <summary>Whether two texts differ at most in whitespace.</summary>
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
