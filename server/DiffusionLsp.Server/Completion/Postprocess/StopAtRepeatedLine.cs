using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft before a line that repeats the one above it in the same block or an enclosing one: small models tend to
/// do this. Blocks are recognised by indentation.
/// </summary>
internal static class StopAtRepeatedLine
{
    /// <summary>The draft up to there; empty: nothing is left.</summary>
    public static string Apply(string draft, WrittenLines written)
    {
        for (int i = written.First; i < written.Last; i++)
            if (Lines.Tells(written.Lines[i]) && IsThere(written, i)) return written.Before(i);
        return draft;
    }

    private static bool IsThere(WrittenLines written, int at)
    {
        IReadOnlyList<string> lines = written.Lines;
        bool IsSame(int other) => (other < at || other >= written.Last) && Lines.IsSameText(lines[at], lines[other]);
        int above = at - 1;
        while (above >= 0 && string.IsNullOrWhiteSpace(lines[above])) above--;
        if (above >= 0 && IsSame(above)) return true;
        if (LineBlocks.Siblings(lines, at).Any(IsSame)) return true;
        // A line that leaves an inner block may leave the outer one in the same way.
        return !Lines.Leaves(lines[at]) && LineBlocks.Ancestors(lines, at).Any(a => IsSame(a) || LineBlocks.Siblings(lines, a).Any(IsSame));
    }
}
