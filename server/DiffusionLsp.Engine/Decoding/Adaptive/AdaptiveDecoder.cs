using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// Adaptive parallel decoding (APD, arXiv 2506.00413, algorithm 1). From left to right, the diffusion model drafts M
/// tokens at once; kept are those that the target p_T ∝ p_D^R · p_AR^(1−R) would write as well, up to the first it would
/// not, and always the first one. What is committed is the diffusion model's; the autoregressive side only decides how much.
/// </summary>
/// <remarks>
/// Coupled mode is the paper's: draft and target are drawn with the same Gumbel noise, so that they differ with
/// probability at most 2 · TV(p_D, p_T). Greedy mode is the released code's: the target is always an argmax. At temperature
/// 0 the two are one.
/// </remarks>
internal sealed class AdaptiveDecoder(
    ICanvasScorer scorer, IAutoregressiveScorer verifier, TokenProposer proposer, DecodeOptions options, IDecodeObserver? observer = null) : IDecoder
{
    private readonly IEndOfTextRule endOfText = EndOfTextRules.Create(options);

    public void Fill(DecodeTask task, CancellationToken cancellation)
    {
        (int[] prompt, Canvas canvas, int[] trailer, Func<int, bool> ends) = task;
        int[] verified = verifier.ReadsText ? task.Text : prompt;
        for (int step = 0; canvas.HasMask(0, canvas.Length); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int at = canvas.Committed, count = Math.Min(options.ApdLookahead, canvas.Length - at), start = prompt.Length + at;
            var window = new ScoreWindow(start, start, start + count, start + count, step);
            using var logits = scorer.Score([.. prompt, .. canvas.Ids[..(at + count)], .. trailer], window);
            Proposal[] draft = proposer.Propose(logits, canvas, at);
            int accepted = count == 1 ? 1 : 1 + Agreeing(draft, logits, [.. verified, .. canvas.Ids[..at], .. draft.SkipLast(1).Select(p => p.TokenId)], verified.Length + at, canvas, cancellation);
            var selection = new Selection([.. Enumerable.Range(0, accepted)]);
            foreach (Proposal p in draft.AsSpan(0, accepted)) canvas.Commit(p.Position, p.TokenId);
            if (endOfText.Cut(draft, selection, ends) is { } length) canvas.Cut(length);
            observer?.OnStep(new StepReport(step, at, at + count), draft, selection, canvas);
        }
    }

    /// <summary>How many drafted tokens after the first, in a row, the target writes too.</summary>
    private int Agreeing(Proposal[] draft, Tensor diffusion, ReadOnlySpan<int> drafted, int start, Canvas canvas, CancellationToken cancellation)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        int rows = draft.Length - 1;
        var autoregressive = verifier.Score(drafted, start, cancellation).narrow(0, 1, rows).to(ScalarType.Float32); // (M − 1, V)
        // Scores, not log-probabilities: they differ by a constant per row, which no argmax sees.
        var target = diffusion.narrow(0, 1, rows).to(ScalarType.Float32).Times(options.ApdWeight).Plus(autoregressive.Times(1 - options.ApdWeight));
        int[] wanted = options.ApdMode is ApdMode.Coupled
            ? [.. proposer.Propose(target, canvas, draft[1].Position).Select(p => p.TokenId)]
            : proposer.Likeliest(target);
        int same = 0;
        while (same < rows && wanted[same] == draft[same + 1].TokenId) same++;
        return same;
    }
}
