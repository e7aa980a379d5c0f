using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends the draft before the end of a comment or element that is already right of the cursor, or at the start of the next
/// line. The draft may end what it opened itself. It knows the markers of the <see cref="Lexicon"/>, but no grammar.
/// </summary>
internal sealed class StopAtEndThatFollows : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.RepeatsSuffix;

    public string Apply(string draft, Surroundings surroundings)
    {
        ReadOnlySpan<char> rest = surroundings.RestOfLine.AsSpan().TrimStart();
        if (rest.IsEmpty) rest = surroundings.NextLine.AsSpan().TrimStart();
        return Marks(rest, surroundings.Lexicon) is var (open, close) && StrayEnd(draft, open, close) is var at and >= 0 ? draft[..at].TrimEnd() : draft;
    }

    /// <summary>What ends here, and what it began with.</summary>
    private static (string Open, string Close)? Marks(ReadOnlySpan<char> rest, Lexicon lexicon)
    {
        foreach ((string open, string close) in lexicon.Enclosures)
            if (rest.StartsWith(close)) return (open, close);
        if (!rest.StartsWith("</") || rest.IndexOf('>') is not (> 2 and var end)) return null;
        string name = rest[2..end].Trim().ToString();
        return ("<" + name, "</" + name);
    }

    /// <summary>Index where the draft ends something that it did not begin; negative: nowhere.</summary>
    private static int StrayEnd(string draft, string open, string close)
    {
        int depth = 0;
        for (int i = 0; i < draft.Length; i++)
        {
            if (string.CompareOrdinal(draft, i, close, 0, close.Length) == 0 && depth-- == 0) return i;
            if (string.CompareOrdinal(draft, i, open, 0, open.Length) == 0) depth++;
        }
        return -1;
    }
}
