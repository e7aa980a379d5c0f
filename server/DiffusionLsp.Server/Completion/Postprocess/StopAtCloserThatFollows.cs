namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends the draft before a bracket or quote that stands right of the cursor already, though the draft goes on behind it:
/// with ")" there, "a, b);" is "a, b". What the draft opens itself it may close. It knows only brackets and quotes.
/// </summary>
internal sealed class StopAtCloserThatFollows : IPostprocessRule
{
    private const string Openers = "([{", Closers = ")]}", Quotes = "\"'`";

    public NothingReason WhenEmpty => NothingReason.RepeatsSuffix;

    public string Apply(string draft, Surroundings surroundings)
    {
        if (surroundings.Suffix.AsSpan().TrimStart(' ') is not [var next, ..]) return draft;
        if (Closers.Contains(next)) return BeforeStrayCloser(draft, next);
        return Quotes.Contains(next) && surroundings.LinePrefix.Count(c => c == next) % 2 == 1 ? BeforeLastQuote(draft, next) : draft;
    }

    private static string BeforeStrayCloser(string draft, char closer)
    {
        var open = new Stack<char>();
        int stray = -1;
        for (int i = 0; i < draft.Length; i++)
        {
            i = Lines.SkipQuoted(draft, i);
            if (i >= draft.Length) break;
            if (Openers.Contains(draft[i])) open.Push(draft[i]);
            if (!Closers.Contains(draft[i])) continue;
            if (open.Count > 0) open.Pop();
            else if (draft[i] == closer && stray < 0) stray = i;
        }
        // A bracket that stays open, as in "a).then(b", is closed by the one that follows.
        return stray >= 0 && open.Count == 0 ? draft[..stray] : draft;
    }

    /// <summary>With an even number of quotes, such as in "a" + "b, the one that follows closes the last string.</summary>
    private static string BeforeLastQuote(string draft, char quote)
    {
        int line = draft.IndexOf('\n') is var end and >= 0 ? end : draft.Length;
        return draft.AsSpan(0, line).Count(quote) % 2 == 1 ? draft[..draft.LastIndexOf(quote, line - 1)] : draft;
    }
}
