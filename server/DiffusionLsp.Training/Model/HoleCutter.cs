namespace DiffusionLsp.Training.Model;

/// <summary>
/// Chooses holes where people type: the rest of a line, a whole line, a few lines, a span inside a line, nothing. It works on characters
/// and knows no tokens. Training and evaluation share it, so that a task means the same in both.
/// </summary>
internal static class HoleCutter
{
    private const int WidestPair = 600;
    private static readonly char[] Openers = ['(', '[', '{'], Closers = [')', ']', '}'];

    /// <summary>A random hole of a random kind in [first, last) of the text; null when the text has no line to cut.</summary>
    public static Hole? Cut(string text, int first, int last, Random random)
    {
        double kind = random.NextDouble();
        HoleKind chosen = kind < 0.45 ? HoleKind.RestOfLine : kind < 0.65 ? HoleKind.WholeLine : kind < 0.87 ? HoleKind.Block
            : kind < 0.96 ? HoleKind.Span : HoleKind.Empty;
        return Cut(text, first, last, chosen, random);
    }

    /// <summary>A random hole of a kind drawn by weight, null as above.</summary>
    public static Hole? Cut(string text, int first, int last, IReadOnlyDictionary<HoleKind, double> weights, Random random)
    {
        double left = random.NextDouble() * weights.Values.Sum();
        HoleKind chosen = weights.Keys.Last();
        foreach ((HoleKind kind, double weight) in weights)
        {
            if (left < weight) (chosen, left) = (kind, double.PositiveInfinity);
            else left -= weight;
        }
        return Cut(text, first, last, chosen, random);
    }

    /// <summary>A random hole of the given kind; null: no attempt found one.</summary>
    public static Hole? Cut(string text, int first, int last, HoleKind kind, Random random)
    {
        for (int attempt = 0; attempt < 8 && last > first; attempt++)
        {
            int at = random.Next(first, last);
            int start = text.LastIndexOf('\n', Math.Max(0, at - 1)) + 1;
            if (start > at) start = at;
            int end = LineEnd(text, at);
            int code = start;
            while (code < end && text[code] is ' ' or '\t') code++;
            if (code >= end) continue; // blank line
            Hole? hole = kind switch
            {
                HoleKind.RestOfLine => new Hole(kind, Inside(text, code, end, random), end),
                HoleKind.WholeLine => new Hole(kind, code, end),
                HoleKind.Block => Block(text, code, end, random),
                HoleKind.Span => Span(text, code, end, random),
                HoleKind.InsideToken => InsideToken(text, code, end, random),
                HoleKind.StartOfLine => new Hole(kind, start, end),
                HoleKind.InsideIndentation => code - start < 2 ? null : new Hole(kind, random.Next(start + 1, code), end),
                HoleKind.AfterBreak => AfterBreak(text, start, random),
                HoleKind.BeforeCloser => BeforeCloser(text, code, end, random),
                _ => new Hole(kind, end, end),
            };
            if (hole is { } found && !SplitsPair(text, found.Start) && !SplitsPair(text, found.End)) return found;
        }
        return null;
    }

    /// <summary>Half of the cursors stand at a word boundary, half anywhere.</summary>
    private static int Inside(string text, int code, int end, Random random)
    {
        int at = random.Next(code, end);
        if (random.Next(2) == 0)
            while (at > code && IsWord(text[at]) == IsWord(text[at - 1])) at--;
        return at;
    }

    private static Hole? Block(string text, int code, int end, Random random)
    {
        int lines = random.Next(2, 7);
        for (int i = 1; i < lines && end < text.Length; i++) end = LineEnd(text, end + 1 + (text[end] == '\r' ? 1 : 0));
        return end > code ? new Hole(HoleKind.Block, code, end) : null;
    }

    private static Hole Span(string text, int code, int end, Random random)
    {
        int start = random.Next(code, end);
        return new Hole(HoleKind.Span, start, Math.Min(end, start + 1 + random.Next(40)));
    }

    private static Hole? InsideToken(string text, int code, int end, Random random)
    {
        int at = random.Next(code, end);
        return at > code && IsWord(text[at]) && IsWord(text[at - 1]) ? new Hole(HoleKind.InsideToken, at, end) : null;
    }

    private static Hole? AfterBreak(string text, int start, Random random)
    {
        int next = start;
        for (int lines = random.Next(1, 5); lines > 0 && next < text.Length; lines--)
            if (text.IndexOf('\n', next) is var line and >= 0) next = line + 1;
        return next > start && next < text.Length ? new Hole(HoleKind.AfterBreak, start, next) : null;
    }

    /// <summary>What stands between a random opening bracket of the line and its closer, up to <see cref="WidestPair"/> characters.</summary>
    private static Hole? BeforeCloser(string text, int code, int end, Random random)
    {
        int open = text.IndexOfAny(Openers, random.Next(code, end));
        if (open < 0 || open >= end) return null;
        var expected = new Stack<char>();
        for (int at = open; at < text.Length && at - open <= WidestPair; at++)
        {
            if (Array.IndexOf(Openers, text[at]) is var kind and >= 0) expected.Push(Closers[kind]);
            else if (Closers.Contains(text[at]) && expected.Pop() != text[at]) return null; // a bracket in a string or a comment
            if (expected.Count == 0) return text.AsSpan(open + 1, at - open - 1).IsWhiteSpace() ? null : new Hole(HoleKind.BeforeCloser, open + 1, at);
        }
        return null;
    }

    /// <summary>End of the line that contains <paramref name="at"/>, before its line break.</summary>
    public static int LineEnd(string text, int at)
    {
        int end = at >= text.Length ? text.Length : text.IndexOf('\n', at);
        if (end < 0) end = text.Length;
        return end > at && text[end - 1] == '\r' ? end - 1 : end;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool SplitsPair(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);
}

/// <summary>Kinds of holes.</summary>
internal enum HoleKind
{
    /// <summary>From inside a line to its end.</summary>
    RestOfLine,
    /// <summary>A line after its indentation.</summary>
    WholeLine,
    /// <summary>Two to six lines, the first after its indentation.</summary>
    Block,
    /// <summary>At most 40 characters inside a line.</summary>
    Span,
    /// <summary>Nothing, at the end of a line.</summary>
    Empty,
    /// <summary>From inside a token to the end of its line.</summary>
    InsideToken,
    /// <summary>A line with its indentation.</summary>
    StartOfLine,
    /// <summary>A line from inside its indentation on.</summary>
    InsideIndentation,
    /// <summary>One to four whole lines with their line breaks; the next line follows.</summary>
    AfterBreak,
    /// <summary>Everything between an opening bracket and its closer.</summary>
    BeforeCloser,
}

/// <summary>The characters [Start, End) of a text.</summary>
internal readonly record struct Hole(HoleKind Kind, int Start, int End);
