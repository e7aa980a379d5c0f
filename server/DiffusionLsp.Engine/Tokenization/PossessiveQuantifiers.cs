using System.Text;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Rewrites possessive quantifiers, which .NET does not know, as atomic groups: <c>X?+</c> becomes <c>(?&gt;X?)</c>. Nothing
/// else of a pattern is touched.
/// </summary>
internal static class PossessiveQuantifiers
{
    /// <summary>The pattern for .NET.</summary>
    public static string Rewrite(string pattern)
    {
        var result = new StringBuilder();
        var groups = new Stack<int>(); // where open groups begin, in the result
        int atom = 0; // where the last atom begins, in the result
        for (int i = 0; i < pattern.Length;)
        {
            int length = AtomLength(pattern, i);
            if (pattern[i] == '(') groups.Push(result.Length);
            if (pattern[i] == ')' && groups.Count > 0) atom = groups.Pop();
            else if (!IsQuantifier(pattern, i)) atom = result.Length;
            bool possessive = IsQuantifier(pattern, i) && i + length < pattern.Length && pattern[i + length] == '+';
            result.Append(pattern, i, length);
            i += length;
            if (!possessive) continue;
            result.Insert(atom, "(?>").Append(')');
            i++;
        }
        return result.ToString();
    }

    private static bool IsQuantifier(string pattern, int at) => pattern[at] is '?' or '*' or '+' || (pattern[at] == '{' && CountedLength(pattern, at) > 0);

    /// <summary>Length of the escape, class, group opening, quantifier or character that begins here.</summary>
    private static int AtomLength(string pattern, int at)
    {
        if (pattern[at] == '\\') return EscapeLength(pattern, at);
        if (pattern[at] == '[') return ClassLength(pattern, at);
        if (pattern[at] == '{' && CountedLength(pattern, at) is var counted and > 0) return counted;
        if (pattern[at] != '(' || at + 1 >= pattern.Length || pattern[at + 1] != '?') return 1;
        int end = at + 2; // a group's options: the characters after "(?" are no quantifiers
        while (end < pattern.Length && pattern[end] is not (':' or '=' or '!' or '>' or ')')) end++;
        return Math.Min(end + 1, pattern.Length) - at;
    }

    private static int EscapeLength(string pattern, int at)
    {
        if (at + 1 >= pattern.Length) return 1;
        if (pattern[at + 1] is not ('p' or 'P') || at + 2 >= pattern.Length || pattern[at + 2] != '{') return 2;
        int end = pattern.IndexOf('}', at);
        return end < 0 ? 2 : end + 1 - at;
    }

    private static int ClassLength(string pattern, int at)
    {
        int i = at + 1;
        if (i < pattern.Length && pattern[i] == '^') i++;
        if (i < pattern.Length && pattern[i] == ']') i++; // a bracket at first place is a character
        while (i < pattern.Length && pattern[i] != ']') i += pattern[i] == '\\' ? EscapeLength(pattern, i) : 1;
        return Math.Min(i + 1, pattern.Length) - at;
    }

    private static int CountedLength(string pattern, int at)
    {
        int end = pattern.IndexOf('}', at);
        return end > at + 1 && pattern.AsSpan(at + 1, end - at - 1).IndexOfAnyExcept("0123456789,") < 0 ? end + 1 - at : 0;
    }
}
