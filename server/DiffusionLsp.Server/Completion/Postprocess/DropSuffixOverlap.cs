namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Takes off the draft's end what already stands right of the cursor, such as a closing bracket that the editor typed.
/// A bracket or quote that the draft itself opened stays. It knows nothing of any language's grammar.
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
            if (!LeavesOpen(rest, overlap)) return rest;
        }
        return draft;
    }

    /// <summary>Short overlaps of letters happen by chance; closers and separators do not.</summary>
    private static bool IsTelling(ReadOnlySpan<char> overlap)
    {
        ReadOnlySpan<char> core = overlap.Trim();
        return core.Length >= ShortestWord || (core.Length > 0 && core.IndexOfAnyExcept(")]}>\"'`;,:") < 0);
    }

    /// <summary>Whether the rest opened something that only the overlap would close.</summary>
    private static bool LeavesOpen(string rest, ReadOnlySpan<char> overlap)
    {
        foreach ((char open, char close) in new[] { ('(', ')'), ('[', ']'), ('{', '}') })
            if (overlap.Contains(close) && Depth(rest, open, close) > 0) return true;
        foreach (char quote in "\"'`")
            if (overlap.Count(quote) % 2 == 1 && rest.AsSpan().Count(quote) % 2 == 1) return true;
        return false;
    }

    /// <summary>How many of the opened brackets are still open at the end.</summary>
    private static int Depth(string text, char open, char close)
    {
        int depth = 0;
        foreach (char c in text)
        {
            if (c == open) depth++;
            else if (c == close && depth > 0) depth--;
        }
        return depth;
    }
}
