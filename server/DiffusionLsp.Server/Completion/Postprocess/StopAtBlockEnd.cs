namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a multi-line draft where the cursor's block ends, according to indentation. The line that closes the block is kept if
/// it is missing below the cursor. It knows nothing of any language's grammar.
/// </summary>
internal sealed class StopAtBlockEnd : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.OutsideBlock;

    public string Apply(string draft, Surroundings surroundings)
    {
        if (surroundings.SingleLine) return draft;
        string[] lines = draft.Split('\n');
        bool startsLine = string.IsNullOrWhiteSpace(surroundings.LinePrefix);
        // On a blank line, the block is that of the first written line; after an opener, it is one level deeper.
        bool opens = LinePolicy.OpensBlock(surroundings.LinePrefix);
        int first = startsLine ? Array.FindIndex(lines, line => !string.IsNullOrWhiteSpace(line)) : 0;
        if (first < 0) return draft;
        if (first > 0 && IndentStyle.WidthOf(lines[first]) < IndentStyle.WidthOf(surroundings.LinePrefix)) return "";
        string firstLine = first == 0 ? surroundings.LinePrefix + lines[0] : lines[first];
        int limit = IndentStyle.WidthOf(firstLine) + (opens ? 1 : 0);

        for (int i = first + 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                if (limit == 0) return string.Join('\n', lines[..i]); // top level: one paragraph
                continue;
            }
            if (IndentStyle.WidthOf(lines[i]) >= limit) continue;
            bool closes = IsCloser(lines[i]) && (!opens || IndentStyle.WidthOf(lines[i]) == limit - 1)
                && !GoesOn(surroundings.NextLine, limit) && !FollowsAlready(lines[i], surroundings.NextLine);
            return string.Join('\n', closes ? lines[..(i + 1)] : lines[..i]);
        }
        return draft;
    }

    /// <summary>Whether more of the block, and so its end, is below the cursor.</summary>
    private static bool GoesOn(string nextLine, int limit) => nextLine.Length > 0 && IndentStyle.WidthOf(nextLine) >= limit;

    private static bool IsCloser(string line) => line.AsSpan().Trim().IndexOfAnyExcept(")]};,") < 0;

    private static bool FollowsAlready(string closer, string nextLine) =>
        nextLine.AsSpan().TrimStart().StartsWith(closer.AsSpan().Trim()[..1]) && IndentStyle.WidthOf(nextLine) == IndentStyle.WidthOf(closer);
}
