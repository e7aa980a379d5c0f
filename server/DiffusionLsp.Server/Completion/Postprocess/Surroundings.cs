using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The text around the cursor. Line breaks are LF.</summary>
internal sealed class Surroundings
{
    /// <summary>The replacement character for invalid bytes.</summary>
    public const char Broken = '\uFFFD';

    private readonly Scanner aboveLine;

    private Surroundings(string prefix, string suffix, bool singleLine, Lexicon lexicon, string before)
    {
        int line = prefix.LastIndexOf('\n') + 1;
        LinePrefix = prefix[line..];
        PreviousLine = line == 0 ? "" : prefix[(line > 1 ? prefix.LastIndexOf('\n', line - 2) + 1 : 0)..(line - 1)];
        int lineEnd = suffix.IndexOf('\n') is var end and >= 0 ? end : suffix.Length;
        RestOfLine = suffix[..lineEnd].TrimEnd();
        Suffix = RestOfLine + suffix[lineEnd..];
        SingleLine = singleLine;
        LinesBelow = [.. suffix[lineEnd..].Split('\n').Skip(1).Where(text => !string.IsNullOrWhiteSpace(text))];
        Indent = IndentStyle.Of(prefix[..line] + LinePrefix + Suffix);
        BlockWidth = WidthAround(prefix, line);
        LinesAbove = line == 0 ? [] : prefix[..(line - 1)].Split('\n');
        Lexicon = lexicon;
        aboveLine = Scanner.Start(lexicon);
        if (lexicon.IsKnown) aboveLine.Read(before[..(before.LastIndexOf('\n') + 1)]);
        AtCursor = aboveLine.Copy();
        AtCursor.Read(LinePrefix);
        Missing = MissingBehind(0);
        HasBrokenText = prefix.Contains(Broken) || suffix.Contains(Broken);
    }

    /// <summary>The cursor's line before the cursor.</summary>
    public string LinePrefix { get; }

    /// <summary>The line above the cursor's; empty: none.</summary>
    public string PreviousLine { get; }

    /// <summary>Everything after the cursor that the model saw, without blanks before the first line break.</summary>
    public string Suffix { get; }

    /// <summary>The text between the cursor and the end of its line.</summary>
    public string RestOfLine { get; }

    /// <summary>Whether only this line is being completed.</summary>
    public bool SingleLine { get; }

    /// <summary>The scanner's rules for the document's language.</summary>
    public Lexicon Lexicon { get; }

    /// <summary>What is open at the cursor; for an unknown language, only what its line opens.</summary>
    public Scanner AtCursor { get; }

    /// <summary>How many of the brackets, strings and comments open at the cursor are not closed after it.</summary>
    public int Missing { get; }

    /// <summary>The lines above the cursor's.</summary>
    public IReadOnlyList<string> LinesAbove { get; }

    /// <summary>The lines below the cursor's that are not blank.</summary>
    public IReadOnlyList<string> LinesBelow { get; }

    /// <summary>The first of them; empty: none.</summary>
    public string NextLine => LinesBelow.Count > 0 ? LinesBelow[0] : "";

    /// <summary>The document's indentation style; null: no line is indented.</summary>
    public IndentStyle? Indent { get; }

    /// <summary>Indentation of the line that opens the block around the cursor's line.</summary>
    public int BlockWidth { get; }

    /// <summary>Whether the document itself contains U+FFFD.</summary>
    public bool HasBrokenText { get; }

    /// <param name="prefix">The text before the cursor.</param>
    /// <param name="suffix">The text after it.</param>
    /// <param name="singleLine">Whether only the cursor's line is to be completed.</param>
    /// <param name="language">LSP identifier of the document's language; null: unknown.</param>
    /// <param name="before">More of the text before the cursor than the prefix; null: the prefix is all of it.</param>
    public static Surroundings Of(string prefix, string suffix, bool singleLine, string? language = null, string? before = null) =>
        new(prefix, suffix, singleLine, Lexicon.Of(language), before ?? prefix);

    /// <summary>How many of the brackets, strings and comments open at the cursor are not closed after this many further characters; for an unknown language, all of them.</summary>
    public int MissingBehind(int characters) =>
        Lexicon.IsKnown && AtCursor.Copy().Walk(Suffix[characters..]) is [.., var end] ? end.Inherited : AtCursor.Depth;

    /// <summary>What is open on the cursor's line, including a string or comment in which it starts.</summary>
    /// <param name="angles">Whether "&lt;" and "&gt;" count where they look like brackets.</param>
    public Scanner OnLine(bool angles) => aboveLine.Behind(LinePrefix, angles);

    /// <summary>The first line with text that accepting the draft would produce, trimmed.</summary>
    public ReadOnlySpan<char> FirstLineOf(string draft)
    {
        string written = (LinePrefix + draft).TrimStart();
        int end = written.IndexOf('\n');
        return (end < 0 ? written : written[..end]).AsSpan().Trim();
    }

    /// <summary>The indentation of the nearest line above that is indented less than the cursor's; the cursor's own if there is none.</summary>
    private int WidthAround(string prefix, int lineStart)
    {
        int own = IndentStyle.WidthOf(LinePrefix);
        for (int end = lineStart - 1; end >= 0;)
        {
            int start = end == 0 ? 0 : prefix.LastIndexOf('\n', end - 1) + 1;
            ReadOnlySpan<char> above = prefix.AsSpan(start..end);
            if (!above.IsWhiteSpace() && IndentStyle.WidthOf(above) is var width && width < own) return width;
            end = start - 1;
        }
        return own;
    }
}
