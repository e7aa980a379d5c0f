using System.Collections.Frozen;

namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>The names and keywords of a text. Pure.</summary>
internal static class Words
{
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "return", "null", "None", "nil", "true", "false", "True", "False", "this", "self", "pass", "if", "else", "for", "foreach", "while", "in", "is", "not", "and", "or",
        "new", "await", "throw", "raise", "break", "continue", "const", "let", "var", "def", "class", "function", "string", "int", "void", "yield", "as", "case", "end", "do",
    }.ToFrozenSet();

    public static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Whether a word is a keyword of some language rather than a program's own name.</summary>
    public static bool IsKeyword(string word) => Keywords.Contains(word);

    /// <summary>The word that a line begins with; empty: none.</summary>
    public static string First(ReadOnlySpan<char> line)
    {
        line = line.TrimStart();
        int end = 0;
        while (end < line.Length && IsWord(line[end])) end++;
        return line[..end].ToString();
    }

    /// <summary>The word that a text ends with; empty: none.</summary>
    public static string Last(ReadOnlySpan<char> text)
    {
        int start = text.Length;
        while (start > 0 && IsWord(text[start - 1])) start--;
        return text[start..].ToString();
    }

    /// <summary>Every word that does not begin with a digit.</summary>
    public static IEnumerable<string> Of(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!IsWord(text[i])) continue;
            int start = i;
            while (i < text.Length && IsWord(text[i])) i++;
            if (!char.IsDigit(text[start])) yield return text[start..i];
        }
    }
}
