namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The rules in their order. The order matters: cuts come first, comparisons look at what the cuts left.</summary>
internal static class PostprocessChain
{
    private static readonly IPostprocessRule[] Rules =
    [
        new DropBlank(),
        new DropBrokenText(),
        new KeepOneLine(),
        new FitIndentation(),
        new StopAtRepetition(),
        new StopAtBlockEnd(),
        new TrimTrailingSpace(),
        new DropRepeatedNextLine(),
        new DropRepeatedPreviousLine(),
        new StopAtEndThatFollows(),
        new DropLinesThatFollow(),
        new DropSuffixOverlap(),
        new TrimTrailingSpace(),
        new DropBlank(),
    ];

    /// <summary>The suggestion, or the reason of the rule that left nothing of it.</summary>
    /// <param name="replacing">What it may replace right of the cursor.</param>
    public static Judgement Apply(string draft, Surroundings surroundings, Replacing replacing = Replacing.Nothing)
    {
        draft = ContextWindow.LineFeeds(draft);
        foreach (IPostprocessRule rule in Rules)
        {
            draft = rule.Apply(draft, surroundings);
            if (draft.Length == 0) return new Judgement("", 0, rule.WhenEmpty);
        }
        // Last, because it looks at everything that is left, and because no rule knows of anything that is replaced.
        (string text, int replaced) = CloserFit.Of(draft, surroundings, replacing);
        return string.IsNullOrWhiteSpace(text) ? new Judgement("", 0, NothingReason.RepeatsSuffix) : new Judgement(text, replaced, null);
    }
}

/// <summary>What became of a draft.</summary>
/// <param name="Text">The suggestion; empty: there is none.</param>
/// <param name="Replaced">How many characters right of the cursor it writes again and replaces.</param>
/// <param name="Reason">Why there is none; null: there is one.</param>
internal readonly record struct Judgement(string Text, int Replaced, NothingReason? Reason);
