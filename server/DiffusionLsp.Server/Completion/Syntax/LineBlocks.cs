namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>Groups lines into blocks by their indentation alone. Pure.</summary>
internal static class LineBlocks
{
    /// <summary>The other lines of a block: those with the same indentation, with no line indented less in between.</summary>
    /// <param name="at">A line of the block; not returned itself.</param>
    public static IEnumerable<int> Siblings(IReadOnlyList<string> lines, int at)
    {
        int width = IndentStyle.WidthOf(lines[at]);
        foreach (int step in new[] { -1, 1 })
        {
            for (int i = at + step; i >= 0 && i < lines.Count; i += step)
            {
                if (string.IsNullOrWhiteSpace(lines[i])) continue;
                int other = IndentStyle.WidthOf(lines[i]);
                if (other < width) break;
                if (other == width) yield return i;
            }
        }
    }

    /// <summary>The lines that enclose a line, innermost first: the nearest line above that is indented less, and so on from there.</summary>
    public static IEnumerable<int> Ancestors(IReadOnlyList<string> lines, int at)
    {
        int width = IndentStyle.WidthOf(lines[at]);
        for (int i = at - 1; i >= 0 && width > 0; i--)
        {
            if (string.IsNullOrWhiteSpace(lines[i]) || IndentStyle.WidthOf(lines[i]) >= width) continue;
            width = IndentStyle.WidthOf(lines[i]);
            yield return i;
            // A brace on its own line belongs to the header above.
            if (i > 0 && lines[i].AsSpan().Trim() is "{" && IndentStyle.WidthOf(lines[i - 1]) == width) yield return i - 1;
        }
    }

    /// <summary>Index just after the last line that is indented more than a header.</summary>
    public static int BodyEnd(IReadOnlyList<string> lines, int header)
    {
        int width = IndentStyle.WidthOf(lines[header]), end = header + 1;
        while (end < lines.Count && (string.IsNullOrWhiteSpace(lines[end]) || IndentStyle.WidthOf(lines[end]) > width || lines[end].AsSpan().Trim() is "{")) end++;
        return end;
    }
}
