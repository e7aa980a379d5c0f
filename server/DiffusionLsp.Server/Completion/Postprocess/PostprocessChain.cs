namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The rules in their order. The order matters: cuts come first, comparisons look at what the cuts left.</summary>
internal static class PostprocessChain
{
    private static readonly IPostprocessRule[] Rules =
    [
        new DropBlank(),
        new KeepOneLine(),
        new FitIndentation(),
        new StopAtRepetition(),
        new StopAtBlockEnd(),
        new TrimTrailingSpace(),
        new DropRepeatedNextLine(),
        new DropRepeatedPreviousLine(),
        new StopAtCloserThatFollows(),
        new DropLinesThatFollow(),
        new DropSuffixOverlap(),
        new TrimTrailingSpace(),
        new DropBlank(),
    ];

    /// <summary>The suggestion, or the reason of the rule that left nothing of it.</summary>
    public static (string Text, NothingReason? Reason) Apply(string draft, Surroundings surroundings)
    {
        draft = ContextWindow.LineFeeds(draft);
        foreach (IPostprocessRule rule in Rules)
        {
            draft = rule.Apply(draft, surroundings);
            if (draft.Length == 0) return ("", rule.WhenEmpty);
        }
        return (draft, null);
    }
}
