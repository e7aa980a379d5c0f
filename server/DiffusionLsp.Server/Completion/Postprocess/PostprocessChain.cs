using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The rules in their order. The order matters: cuts come first, comparisons look at what the cuts left.</summary>
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

    /// <summary>The suggestion, or the reason of the rule that left nothing of it.</summary>
    /// <param name="replacing">What it may replace right of the cursor.</param>
    public static Judgement Apply(string draft, Surroundings surroundings, Replacing replacing = Replacing.Nothing)
    {
        Judgement judged = Cut(draft, surroundings, replacing);
        return judged.Reason is null ? Whole(judged.Text, judged.Replaced, surroundings) : judged;
    }

    /// <summary>A beginning of a suggestion, as much of it as the document can take.</summary>
    /// <param name="replaced">How many characters right of the cursor the whole suggestion replaces.</param>
    public static Judgement Beginning(string text, int replaced, Surroundings surroundings)
    {
        // A beginning writes other closers again than the whole does.
        if (replaced > 0) (text, replaced) = CloserFit.Of(text, surroundings, Replacing.Closers);
        return Whole(text, replaced, surroundings);
    }

    /// <summary>What is left of a draft that may still go on: the rules that cut, without those that want it whole.</summary>
    public static Judgement Cut(string draft, Surroundings surroundings, Replacing replacing = Replacing.Nothing)
    {
        draft = ContextWindow.LineFeeds(draft);
        foreach (IPostprocessRule rule in Rules)
        {
            draft = rule.Apply(draft, surroundings);
            if (draft.Length == 0) return new Judgement("", 0, rule.WhenEmpty);
        }
        // Last, because they look at everything that is left, and because no rule knows of anything that is replaced.
        (string text, int replaced) = CloserFit.Of(draft, surroundings, replacing);
        if (string.IsNullOrWhiteSpace(text)) return new Judgement("", 0, NothingReason.RepeatsSuffix);
        return new Judgement(text, replaced, null);
    }

    /// <summary>As much of what the rules left as a document can take, and nothing that stands nearby already.</summary>
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

/// <summary>What became of a draft.</summary>
/// <param name="Text">The suggestion; empty: there is none.</param>
/// <param name="Replaced">How many characters right of the cursor it writes again and replaces.</param>
/// <param name="Reason">Why there is none; null: there is one.</param>
internal readonly record struct Judgement(string Text, int Replaced, NothingReason? Reason);
