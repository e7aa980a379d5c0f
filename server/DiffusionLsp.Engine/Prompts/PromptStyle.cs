using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// How a family of models lays out text with a hole: what stands before the masks, what behind them, and which tokens mark
/// it. It knows no model.
/// </summary>
internal abstract class PromptStyle
{
    /// <summary>Whether the model learns of the text after the hole in any way.</summary>
    public virtual bool SeesSuffix => true;

    /// <summary>Whether the text after the hole stands behind the masks.</summary>
    public virtual bool SeesSuffixNatively => false;

    /// <summary>Lays out one request within a budget of tokens.</summary>
    /// <param name="prompts">Cuts text to tokens.</param>
    public abstract Prompt Build(PromptBuilder prompts, InfillRequest request);
}

/// <summary>Tokens before and behind the masks.</summary>
internal sealed record Prompt(int[] Before, int[] After)
{
    /// <summary>Whether the last token before the masks is the FIM middle token.</summary>
    public bool EndsInFimMiddle { get; init; }

    /// <summary>The tokens before the masks as text goes on in them: what copies from text must not see the FIM middle token.</summary>
    public int[] Text => EndsInFimMiddle ? Before[..^1] : Before;
}

/// <summary>Path, suffix, prefix: the embedded model's order (<see cref="PromptLayout"/>).</summary>
internal sealed class EmbeddedStyle : PromptStyle
{
    public override Prompt Build(PromptBuilder prompts, InfillRequest request) => new(prompts.Build(request), []);
}

/// <summary>
/// Path, suffix, prefix, and where the model has to find the end, the FIM middle token: the order of embedded models that were
/// told where the hole begins, so that they learnt where it ends. That is so where the request says it, and inside a line,
/// where no line break can end the hole. Without the token they go on from the prefix as in any text.
/// </summary>
/// <param name="always">The model reads nothing causally, so that it knows holes only.</param>
internal sealed class FimMiddleStyle(bool always = false) : PromptStyle
{
    public override Prompt Build(PromptBuilder prompts, InfillRequest request) => always || IsInsideLine(request.Suffix) || (request.UsesFimMiddle && !request.SingleLine)
        ? new([.. prompts.Build(request, reserved: 1), prompts.Special.FimMiddle!.Value], []) { EndsInFimMiddle = true }
        : PromptStyles.Embedded.Build(prompts, request);

    private static bool IsInsideLine(ReadOnlySpan<char> suffix)
    {
        int end = suffix.IndexOfAny('\r', '\n');
        return !(end < 0 ? suffix : suffix[..end]).IsWhiteSpace();
    }
}

/// <summary>prefix · masks · suffix, for models that see in both directions; DreamOn frames it with begin and end of text.</summary>
internal sealed class BetweenStyle(PromptFrame frame = PromptFrame.None) : PromptStyle
{
    public override bool SeesSuffixNatively => true;

    public override Prompt Build(PromptBuilder prompts, InfillRequest request)
    {
        SpecialTokens special = prompts.Special;
        int[] begin = frame is PromptFrame.Text && special.BeginOfText is { } id ? [id] : [];
        int[] end = frame is PromptFrame.Text ? [special.EndOfText] : [];
        int[] suffix = prompts.Suffix(request.Suffix);
        int[] prefix = prompts.Before(request, prompts.Room(begin.Length + end.Length + suffix.Length));
        int[] before = [.. begin, .. prefix];
        // A shifted model scores the first mask from the row before it: there must be one.
        return new Prompt(before.Length > 0 ? before : [special.BeginOfText ?? special.EndOfText], [.. suffix, .. end]);
    }
}

/// <summary>What frames prefix and suffix.</summary>
internal enum PromptFrame
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The begin-of-text and the end-of-text token.</summary>
    Text,
}

/// <summary>FIM suffix token · suffix · FIM prefix token · prefix · FIM middle token: the fill-in-the-middle prompt of Seed-Coder (SPM).</summary>
internal sealed class SuffixFirstStyle : PromptStyle
{
    public override Prompt Build(PromptBuilder prompts, InfillRequest request)
    {
        SpecialTokens special = prompts.Special;
        int[] begin = special.BeginOfText is { } id ? [id] : [];
        if (request.Suffix.Length == 0) return new Prompt(PromptStyles.Continuation(prompts, request, begin), []);
        int[] suffix = prompts.Suffix(request.Suffix);
        int[] prefix = prompts.Before(request, prompts.Room(begin.Length + suffix.Length + 3));
        return new Prompt([.. begin, special.FimSuffix!.Value, .. suffix, special.FimPrefix!.Value, .. prefix, special.FimMiddle!.Value], []) { EndsInFimMiddle = true };
    }
}

/// <summary>The prefix alone: block-causal models that were taught no fill-in-the-middle cannot see what follows.</summary>
internal sealed class ContinuationStyle : PromptStyle
{
    public override bool SeesSuffix => false;

    public override Prompt Build(PromptBuilder prompts, InfillRequest request) =>
        new(PromptStyles.Continuation(prompts, request, prompts.Special.BeginOfText is { } id ? [id] : []), []);
}

/// <summary>The table of styles.</summary>
internal static class PromptStyles
{
    public static PromptStyle Embedded { get; } = new EmbeddedStyle();
    public static PromptStyle FimMiddle { get; } = new FimMiddleStyle();
    public static PromptStyle AlwaysFimMiddle { get; } = new FimMiddleStyle(always: true);
    public static PromptStyle Between { get; } = new BetweenStyle();
    public static PromptStyle FramedBetween { get; } = new BetweenStyle(PromptFrame.Text);
    public static PromptStyle SuffixFirst { get; } = new SuffixFirstStyle();
    public static PromptStyle ContinuationOnly { get; } = new ContinuationStyle();

    /// <summary>Never empty: a model needs a row to begin from.</summary>
    internal static int[] Continuation(PromptBuilder prompts, InfillRequest request, int[] begin)
    {
        int[] before = [.. begin, .. prompts.Before(request, prompts.Room(begin.Length))];
        return before.Length > 0 ? before : [prompts.Special.EndOfText];
    }
}
