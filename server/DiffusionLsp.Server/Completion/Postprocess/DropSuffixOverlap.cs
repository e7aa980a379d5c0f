using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Removes from the draft's end what is already right of the cursor, such as a closing bracket inserted by the editor.
/// A bracket or quote that the draft itself opened is kept. It knows nothing of any language's grammar.
/// </summary>
internal sealed class DropSuffixOverlap : IPostprocessRule
{
    private const int Longest = 400;
    private const int ShortestWord = 3;

    public NothingReason WhenEmpty => NothingReason.RepeatsSuffix;

    public string Apply(string draft, Surroundings surroundings)
    {
        string suffix = surroundings.Suffix;
        for (int length = Math.Min(Math.Min(draft.Length, suffix.Length), Longest); length > 0; length--)
        {
            ReadOnlySpan<char> overlap = suffix.AsSpan(0, length);
            if (!draft.AsSpan().EndsWith(overlap) || !IsTelling(overlap)) continue;
            string rest = draft[..^length];
            if (!LeavesOpen(rest, overlap, surroundings)) return rest;
        }
        return draft;
    }

    /// <summary>Short overlaps of letters are often coincidental; those of closers and separators are not.</summary>
    private static bool IsTelling(ReadOnlySpan<char> overlap)
    {
        ReadOnlySpan<char> core = overlap.Trim();
        return core.Length >= ShortestWord || (core.Length > 0 && core.IndexOfAnyExcept(")]}>\"'`;,:") < 0);
    }

    /// <summary>Whether the rest opens something that only the overlap would close.</summary>
    private static bool LeavesOpen(string rest, ReadOnlySpan<char> overlap, Surroundings surroundings)
    {
        Scanner end = surroundings.OnLine(angles: false);
        int[] opened = [.. end.Walk(rest).TakeLast(1).Select(step => step.Inherited)];
        foreach (string close in end.Unclosed.Skip(opened.Length > 0 ? opened[0] : end.Depth))
            if (overlap.Contains(close[0])) return true;
        return false;
    }
}
