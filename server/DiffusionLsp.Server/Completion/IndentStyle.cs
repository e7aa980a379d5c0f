namespace DiffusionLsp.Server.Completion;

/// <summary>How a text is indented: with tabs, or with a number of blanks per level. Inferred from its lines, not from settings.</summary>
/// <param name="Tabs">Whether a level is a tab.</param>
/// <param name="Width">Blanks per level; the width of a tab.</param>
internal sealed record IndentStyle(bool Tabs, int Width)
{
    private const int TabWidth = 4;

    /// <summary>The style of most indented lines; null: no line is indented.</summary>
    public static IndentStyle? Of(string text)
    {
        int tabs = 0, blanks = 0, previous = 0;
        var steps = new int[9];
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace()) continue;
            int indent = line.IndexOfAnyExcept(' ');
            if (line[0] == '\t') tabs++;
            else if (indent >= 2) blanks++;
            int step = indent - previous;
            if (step is >= 2 and <= 8) steps[step]++;
            previous = indent;
        }
        if (tabs + blanks == 0) return null;
        if (tabs >= blanks) return new IndentStyle(true, TabWidth);
        int width = Array.IndexOf(steps, steps.Max());
        return new IndentStyle(false, steps.Max() == 0 ? TabWidth : width);
    }

    /// <summary>Width of a line's indentation in blanks; a tab extends to the next multiple of four.</summary>
    public static int WidthOf(ReadOnlySpan<char> line)
    {
        int width = 0;
        foreach (char c in line)
        {
            if (c == ' ') width++;
            else if (c == '\t') width += TabWidth - width % TabWidth;
            else break;
        }
        return width;
    }
}
