using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The rules in order. The order matters: rules that cut come first, rules that compare see what is left.</summary>
internal static class PostprocessChain
{
    private static readonly IPostprocessRule[] Rules =
    [
        new DropBlank(),
        new DropBrokenText(),
        new KeepOneLine(),
        new StayInText(),
        new FitIndentation(),
        new StopAtRepetition(),
        new StopAtBlockEnd(),
        new StopAtForeignToken(),
        new TrimTrailingSpace(),
        new DropRepeatedNextLine(),
        new StopAtEndThatFollows(),
        new DropLinesThatFollow(),
        new DropSuffixOverlap(),
        new TrimTrailingSpace(),
        new DropBlank(),
    ];

    /// <summary>The suggestion, or the reason of the rule that left nothing.</summary>
    /// <param name="replacing">What it may replace right of the cursor.</param>
    public static Judgement Apply(string draft, Surroundings surroundings, Replacing replacing = Replacing.Nothing)
    {
        Judgement judged = Cut(draft, surroundings, replacing);
        return judged.Reason is null ? Whole(judged.Text, judged.Replaced, surroundings) : judged;
    }

    /// <summary>A prefix of a suggestion, as much of it as can be inserted on its own.</summary>
    /// <param name="replaced">Number of characters right of the cursor that the whole suggestion replaces.</param>
    public static Judgement Beginning(string text, int replaced, Surroundings surroundings)
    {
        // A prefix repeats fewer closers than the whole.
        if (replaced > 0) (text, replaced) = CloserFit.Of(text, surroundings, Replacing.Closers);
        return Whole(text, replaced, surroundings);
    }

    /// <summary>Applies only the rules that cut, for a draft that may still continue, without those that need it complete.</summary>
    public static Judgement Cut(string draft, Surroundings surroundings, Replacing replacing = Replacing.Nothing)
    {
        draft = ContextWindow.LineFeeds(draft);
        foreach (IPostprocessRule rule in Rules)
        {
            draft = rule.Apply(draft, surroundings);
            if (draft.Length == 0) return new Judgement("", 0, rule.WhenEmpty);
        }
        // Last, because it needs everything that is left, and because no rule handles replaced text.
        (string text, int replaced) = CloserFit.Of(draft, surroundings, replacing);
        if (string.IsNullOrWhiteSpace(text)) return new Judgement("", 0, NothingReason.RepeatsSuffix);
        return new Judgement(text, replaced, null);
    }

    /// <summary>The part of the cut text that can be inserted on its own and does not repeat nearby code.</summary>
    public static Judgement Whole(string text, int replaced, Surroundings surroundings)
    {
        string whole = text;
        while (true)
        {
            string own = WithoutNeighbours(whole, surroundings, whole == text ? replaced : 0);
            if (own.Length == 0) return new Judgement("", 0, NothingReason.RepeatsNeighbour);
            string taken = WholePieces.Of(own, surroundings, own == text ? replaced : 0);
            if (taken.Length == 0) return new Judgement("", 0, NothingReason.Unfinished);
            if (taken == text) return new Judgement(text, replaced, null);
            if (taken == whole) break;
            whole = taken;
        }
        if (replaced > 0) (whole, replaced) = CloserFit.Of(whole, surroundings, Replacing.Closers);
        return whole.Length == 0 ? new Judgement("", 0, NothingReason.Unfinished) : new Judgement(whole, replaced, null);
    }

    private static string WithoutNeighbours(string text, Surroundings surroundings, int replaced)
    {
        if (surroundings.AtCursor.Place is not Place.Code) return text;
        string own = StopAtRepeatedLine.Apply(text, WrittenLines.Of(text, surroundings, replaced));
        return own.Length == 0 ? "" : StopAtCopiedBody.Apply(own, WrittenLines.Of(own, surroundings, own == text ? replaced : 0));
    }
}

/// <summary>The result of post-processing.</summary>
/// <param name="Text">The suggestion; empty: none.</param>
/// <param name="Replaced">Number of characters right of the cursor that it repeats and replaces.</param>
/// <param name="Reason">Why there is none; null: there is one.</param>
internal readonly record struct Judgement(string Text, int Replaced, NothingReason? Reason);
