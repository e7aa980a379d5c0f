using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// How a family of models lays out text with a hole: what precedes the masks, what follows them, and which tokens delimit it.
/// It knows no model.
/// </summary>
internal abstract class PromptStyle
{
    /// <summary>Whether the text after the hole reaches the model in any way.</summary>
    public virtual bool SeesSuffix => true;

    /// <summary>Whether the text after the hole follows the masks.</summary>
    public virtual bool SeesSuffixNatively => false;

    /// <summary>Lays out one request within a budget of tokens.</summary>
    /// <param name="prompts">Tokenizes and truncates text.</param>
    public abstract Prompt Build(PromptBuilder prompts, InfillRequest request);
}

/// <summary>The tokens before and after the masks.</summary>
internal sealed record Prompt(int[] Before, int[] After)
{
    /// <summary>Whether the last token before the masks is the FIM middle token.</summary>
    public bool EndsInFimMiddle { get; init; }

    /// <summary>The tokens before the masks without a FIM middle token, which must not take part when text is copied.</summary>
    public int[] Text => EndsInFimMiddle ? Before[..^1] : Before;
}

/// <summary>Path, suffix, prefix: the embedded model's order (<see cref="PromptLayout"/>).</summary>
internal sealed class EmbeddedStyle : PromptStyle
{
    public override Prompt Build(PromptBuilder prompts, InfillRequest request) => new(prompts.Build(request), []);
}

/// <summary>
/// Path, suffix, prefix and, where the model must find the end, the FIM middle token: the order of embedded models that were trained
/// with that token, and so learnt where a hole ends. It is used if the request says so, and inside a line, where no line break can
/// end the hole. Without it the model continues the prefix like any text.
/// </summary>
/// <param name="always">For models without causal training, which know only holes.</param>
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

/// <summary>prefix · masks · suffix, for bidirectional models; DreamOn frames it with begin-of-text and end-of-text.</summary>
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
        // A shifted model scores the first mask from the row before it, so there must be one.
        return new Prompt(before.Length > 0 ? before : [special.BeginOfText ?? special.EndOfText], [.. suffix, .. end]);
    }
}

/// <summary>The tokens around prefix and suffix.</summary>
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

/// <summary>The prefix alone: block-causal models without fill-in-the-middle training cannot see what follows.</summary>
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

    /// <summary>The prefix's tokens, never empty: a model needs a row to start from.</summary>
    internal static int[] Continuation(PromptBuilder prompts, InfillRequest request, int[] begin)
    {
        int[] before = [.. begin, .. prompts.Before(request, prompts.Room(begin.Length))];
        return before.Length > 0 ? before : [prompts.Special.EndOfText];
    }
}
