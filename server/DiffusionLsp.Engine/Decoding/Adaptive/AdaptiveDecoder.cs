using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// Adaptive parallel decoding (APD, arXiv 2506.00413, algorithm 1). From left to right, the diffusion model drafts M tokens at once;
/// kept is the longest prefix that the target p_T ∝ p_D^R · p_AR^(1−R) would also produce, and always the first token. The committed
/// tokens are the diffusion model's; the autoregressive verifier only decides how many are kept.
/// </summary>
/// <remarks>
/// Coupled mode is the paper's: draft and target are sampled with the same Gumbel noise, so that they differ with probability at most
/// 2 · TV(p_D, p_T). Greedy mode is the released code's: the target is always an argmax. At temperature 0 the two are identical.
/// </remarks>
/// <param name="readsText">Whether the verifier reads the prompt without a FIM middle token.</param>
internal sealed class AdaptiveDecoder(DecodeTask task, bool readsText, DecodeOptions options) : IDecoder
{
    public static Knob<double> Weight { get; } = new("apdWeight", new NumberKind(0, 1), 0.7, "R of the apd decoder: the diffusion model's weight in the target; 1 accepts every draft.");

    public static Knob<int> Lookahead { get; } = new("apdLookahead", new IntKind(1, 1024), 8, "M of the apd decoder: number of masks drafted at once.");

    public static Knob<int> Window { get; } = new("apdWindow", new IntKind(1, 4096), 16,
        "W of the apd decoder: number of committed tokens recomputed with each draft, for bidirectional models with a cache.");

    public static Knob<ApdMode> Mode { get; } = new("apdMode", new EnumKind<ApdMode>(), ApdMode.Coupled, "How the apd decoder samples from its target: with the draft's noise, or always the most probable token.");

    public static Knob<string> Verifier { get; } = new("apdVerifier", new NameKind(Verifiers.Names), "same",
        "What verifies the drafts of the apd decoder: the same weights read from left to right, an n-gram model of the open file, or a small model.");

    /// <summary>The options that it reads.</summary>
    public static IReadOnlyList<Knob> Knobs { get; } = [Weight, Lookahead, Window, Mode, Verifier];

    private readonly IEndOfTextRule endOfText = EndOfTextRules.Create(options);
    private Proposal[]? draft; // null: to be drafted next
    private int step;

    public ScoreCall? Next() => !task.Canvas.HasMask(0, task.Canvas.Length) ? null : draft is null ? Draft() : Verify(draft);

    private ScoreCall Draft()
    {
        (int[] prompt, Canvas canvas, int[] suffix, _) = task;
        int at = canvas.Committed, count = Math.Min(options.Get(Lookahead), canvas.Length - at), start = prompt.Length + at;
        return new ScoreCall([.. prompt, .. canvas.Ids[..(at + count)], .. suffix], new ScoreWindow(start, start, start + count, start + count, step), at) { IsVerified = count > 1 };
    }

    private ScoreCall Verify(Proposal[] draft)
    {
        int at = task.Canvas.Committed;
        int[] known = [.. draft.SkipLast(1).Select(p => p.TokenId)], before = [.. readsText ? task.Text : task.Prompt, .. task.Canvas.Ids[..at]];
        int end = before.Length + draft.Length;
        return new ScoreCall([.. before, .. known], new ScoreWindow(before.Length, before.Length, end, end) { CleanEnd = end - 1 }, at)
        {
            Known = known,
            Verification = new Verification(options.Get(Weight), options.Get(Mode) is ApdMode.Greedy),
        };
    }

    public StepInfo? Apply(Proposal[] proposals)
    {
        if (draft is not null) return Commit(draft, 1 + Agreeing(draft, proposals));
        if (proposals.Length == 1) return Commit(proposals, 1);
        draft = proposals;
        return null;
    }

    /// <summary>How many consecutive drafted tokens after the first the target also produces.</summary>
    private static int Agreeing(Proposal[] draft, Proposal[] wanted)
    {
        int same = 0;
        while (same < wanted.Length && wanted[same].TokenId == draft[same + 1].TokenId) same++;
        return same;
    }

    private StepInfo Commit(Proposal[] drafted, int accepted)
    {
        draft = null;
        Canvas canvas = task.Canvas;
        int at = canvas.Committed;
        var selection = new Selection([.. Enumerable.Range(0, accepted)]);
        foreach (Proposal p in drafted.AsSpan(0, accepted)) canvas.Commit(p.Position, p.TokenId);
        if (endOfText.Cut(drafted, selection, task.Ends) is { } length) canvas.Cut(length);
        return new StepInfo(step++, at, at + drafted.Length, drafted, selection);
    }
}

/// <summary>How adaptive parallel decoding samples from its target.</summary>
internal enum ApdMode
{
    /// <summary>With the draft's Gumbel noise, as in the paper.</summary>
    Coupled,
    /// <summary>The most probable token, as in the released code.</summary>
    Greedy,
}
