using System.Globalization;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Parses a pre-tokenizer's regular expression into a tree: alternatives, groups, sets of characters, repetitions, case-insensitive
/// groups, and lookaheads of one character. It rejects the rest, which published patterns do not use and which cannot be
/// matched in linear time. The contents of sets are left to .NET.
/// </summary>
internal sealed class PatternReader
{
    private const int LongestPattern = 4000, DeepestGroup = 50, MostSets = 200;

    private readonly string pattern;
    private readonly List<(string Text, bool IgnoresCase)> sets = [];
    private int at, depth;
    private bool ignoresCase;

    private PatternReader(string pattern) => this.pattern = pattern;

    /// <summary>The tree, and the sets that it refers to by index, each as a regular expression that matches one character.</summary>
    /// <exception cref="InvalidDataException">The message is a clause that continues "a pattern that".</exception>
    public static (PatternNode Root, IReadOnlyList<(string Text, bool IgnoresCase)> Sets) Read(string pattern)
    {
        if (pattern.Length > LongestPattern) throw new InvalidDataException($"has {pattern.Length} characters, more than {LongestPattern}");
        var reader = new PatternReader(pattern);
        PatternNode root = reader.Choice();
        if (reader.at < pattern.Length) throw Malformed("a group is closed without being opened");
        return (root, reader.sets);
    }

    private PatternNode Choice()
    {
        if (++depth > DeepestGroup) throw new InvalidDataException($"nests groups deeper than {DeepestGroup}");
        var ways = new List<PatternNode> { Sequence() };
        while (Take('|')) ways.Add(Sequence());
        depth--;
        return ways is [var only] ? only : new ChoiceNode(ways);
    }

    private SequenceNode Sequence()
    {
        var parts = new List<PatternNode>();
        while (at < pattern.Length && pattern[at] is not ('|' or ')')) parts.Add(Repeated(Atom()));
        return new SequenceNode(parts);
    }

    private PatternNode Atom()
    {
        int start = at;
        switch (pattern[at])
        {
            case '(': return Group();
            case '[': SkipSet(); break;
            case '\\': SkipEscape(); break;
            case '^' or '$': throw Unsupported($"the anchor {pattern[at]}");
            case '*' or '+' or '?': throw Malformed("a quantifier has nothing before it");
            default: at++; break;
        }
        return Set(pattern[start..at]);
    }

    private SetNode Set(string text)
    {
        int number = sets.IndexOf((text, ignoresCase));
        if (number >= 0) return new SetNode(number);
        if (sets.Count == MostSets) throw new InvalidDataException($"has more than {MostSets} different sets of characters");
        sets.Add((text, ignoresCase));
        return new SetNode(sets.Count - 1);
    }

    private PatternNode Group()
    {
        at++;
        bool before = ignoresCase;
        bool? look = null;
        if (Take('?'))
        {
            if (Take("i:")) ignoresCase = true;
            else if (Take('=')) look = true;
            else if (Take('!')) look = false;
            else if (!Take(':')) throw Unsupported($"a group that begins with (?{pattern[at..Math.Min(at + 2, pattern.Length)]}");
        }
        PatternNode inside = Choice();
        if (!Take(')')) throw Malformed("a group is not closed");
        ignoresCase = before;
        if (look is not { } wanted) return inside;
        return inside is SequenceNode { Parts: [SetNode set] } ? new LookNode(set.Number, wanted) : throw Unsupported("a lookahead beyond the next character");
    }

    /// <summary>Skips from bracket to bracket. Set subtraction (.NET) and union or intersection (others) are rejected.</summary>
    private void SkipSet()
    {
        int start = at++;
        if (at < pattern.Length && pattern[at] == '^') at++;
        for (bool isFirst = true; at < pattern.Length && (pattern[at] != ']' || isFirst); isFirst = false)
        {
            if (pattern[at] == '[' || pattern.AsSpan(at).StartsWith("&&")) throw Unsupported("a set inside a set");
            if (pattern[at] == '\\') SkipEscape();
            else at++;
        }
        if (!Take(']')) throw Malformed($"the set {pattern[start..Math.Min(start + 20, pattern.Length)]} is not closed");
    }

    private void SkipEscape()
    {
        if (++at >= pattern.Length) throw Malformed("it ends with a backslash");
        char kind = pattern[at++];
        if (kind is 'p' or 'P')
        {
            int end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
            if (end < 0) throw Malformed($"\\{kind} names no category");
            at = end + 1;
        }
        else if (kind is 'x' or 'u') at = Math.Min(at + (kind == 'x' ? 2 : 4), pattern.Length);
        else if (char.IsAsciiLetterOrDigit(kind) && !"nrtfvaesSdDwW".Contains(kind)) throw Unsupported($"\\{kind}");
    }

    private PatternNode Repeated(PatternNode body)
    {
        for (int nested = 0; Quantifier() is var (least, most); nested++)
        {
            RepeatKind kind = Take('+') ? RepeatKind.Possessive : Take('?') ? RepeatKind.Lazy : RepeatKind.Greedy;
            if (most < least) throw Malformed($"a quantifier asks for {least} to {most}");
            if (most is null && body.MayBeEmpty) throw Unsupported("a repetition of something that may be empty");
            if (kind is RepeatKind.Possessive && Single(body) is null) throw Unsupported("a possessive repetition of more than one set of characters");
            if (nested == DeepestGroup) throw new InvalidDataException($"nests repetitions deeper than {DeepestGroup}");
            body = new RepeatNode(Single(body) ?? body, least, most, kind);
        }
        return body;
    }

    private (int Least, int? Most)? Quantifier()
    {
        if (Take('*')) return (0, null);
        if (Take('+')) return (1, null);
        if (Take('?')) return (0, 1);
        int end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
        if (end < 0 || pattern[(at + 1)..end].Split(',') is not [var first, ..] numbers || numbers.Length > 2 || Number(first) is not { } least) return null;
        int? most = numbers.Length == 1 ? least : numbers[1].Length == 0 ? null : Number(numbers[1]);
        if (most is null && numbers.Length == 2 && numbers[1].Length > 0) return null;
        at = end + 1;
        return (least, most);
    }

    private static int? Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>The set that a node consists of, ignoring groups around it; null: it is more than one set.</summary>
    private static SetNode? Single(PatternNode node) => node switch
    {
        SetNode set => set,
        SequenceNode { Parts: [var only] } => Single(only),
        _ => null,
    };

    private bool Take(char wanted)
    {
        if (at >= pattern.Length || pattern[at] != wanted) return false;
        at++;
        return true;
    }

    private bool Take(string wanted)
    {
        if (!pattern.AsSpan(at).StartsWith(wanted)) return false;
        at += wanted.Length;
        return true;
    }

    private static InvalidDataException Malformed(string what) => new($"is not a regular expression ({what})");

    private static InvalidDataException Unsupported(string what) => new($"needs {what}, which cannot be matched in linear time");
}
