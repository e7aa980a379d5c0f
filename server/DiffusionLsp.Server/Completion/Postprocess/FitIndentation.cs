using System.Numerics;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Indents the draft's lines like the document: with tabs or with blanks.</summary>
internal sealed class FitIndentation : IPostprocessRule
{
    private const int UsualWidth = 4;

    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings)
    {
        if (surroundings.Indent is not { } style) return draft;
        string[] lines = draft.Split('\n');
        int unit = Unit(lines);
        // The first line continues at the cursor, unless the cursor is at the start of the line.
        for (int i = surroundings.LinePrefix.Length == 0 ? 0 : 1; i < lines.Length; i++) lines[i] = Fit(lines[i], style, unit);
        return string.Join('\n', lines);
    }

    private static string Fit(string line, IndentStyle style, int unit)
    {
        int length = line.AsSpan().IndexOfAnyExcept(' ', '\t');
        if (length <= 0) return line;
        string indent = line[..length];
        if (!style.Tabs) return indent.Replace("\t", new string(' ', style.Width)) + line[length..];
        // Blanks after tabs align text; only an indentation that consists entirely of blanks is converted.
        return indent.Contains('\t') ? line : new string('\t', length / unit) + new string(' ', length % unit) + line[length..];
    }

    /// <summary>Blanks per level in the draft: the greatest common divisor of its indentations if that is 2 or 3, else the usual width.</summary>
    private static int Unit(string[] lines)
    {
        int common = 0;
        foreach (string line in lines)
            if (line.AsSpan().IndexOfAnyExcept(' ') is var indent and > 0) common = (int)BigInteger.GreatestCommonDivisor(common, indent);
        return common is 2 or 3 ? common : UsualWidth;
    }
}
