using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Self-speculation in one forward per step, for block-causal models. Fed are the last token, a draft as clean causal rows,
/// and masks. The clean rows say what the autoregressive reading of the same weights writes, so the longest right part of
/// the draft and one token more are committed; the mask rows behind it already propose the next draft. The text is
/// that of the decoder autoregressive, token for token; only the number of forwards differs.
/// </summary>
/// <remarks>
/// Verified as in speculative decoding (arXiv 2211.17192); with a temperature a token is drawn from the verifying row and the
/// draft is right where it equals the draw, which leaves the distribution as it is too. Rows of accepted tokens stay in the
/// K/V cache, those of rejected ones are dropped by the next forward.
/// </remarks>
/// <param name="scorer">Of a block-causal model with shifted logits and groups of one row.</param>
internal sealed class DraftDecoder(
    ICanvasScorer scorer, TokenProposer proposer, IEndOfTextRule endOfText, DraftMemory memory, IDecodeObserver? observer = null) : IDecoder
{
    private readonly MaskSource ahead = new();

    public void Fill(DecodeTask task, CancellationToken cancellation)
    {
        (int[] prompt, Canvas canvas, _, Func<int, bool> ends) = task;
        var drafter = new Drafter([new GuessSource(task.Guess, task.Text.Length), new MatchSource(memory.Ngrams), ahead], memory, ends);
        for (int step = 0; canvas.HasMask(0, canvas.Length); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int at = canvas.Committed, room = canvas.Length - at - 1; // the position behind the rows fed is scored as well
            int[] written = [.. prompt, .. canvas.Ids[..at]], text = [.. task.Text, .. canvas.Ids[..at]];
            memory.Ngrams.Follow(text);
            int[] draft = drafter.Draft(text, at, room);
            int masks = draft.Length > 0 && ends(draft[^1]) ? 0 : drafter.Masks(room - draft.Length);
            Proposal[] proposals = Score(written, draft, masks, task, [.. text, .. draft]);

            int right = 0;
            while (right < draft.Length && proposals[right].TokenId == draft[right]) right++;
            Proposal[] committed = proposals[..(right + 1)];
            var selection = new Selection([.. Enumerable.Range(0, committed.Length)]);
            foreach (Proposal p in committed) canvas.Commit(p.Position, p.TokenId);
            if (endOfText.Cut(committed, selection, ends) is { } length) canvas.Cut(length);

            drafter.Observe([.. committed.Select(p => p.TokenId)]);
            ahead.Observe(memory.Rates, canvas);
            ahead.Renew(right == draft.Length ? proposals.AsSpan(right + 1) : []);
            memory.Observe(1 + draft.Length + masks, committed.Length);
            observer?.OnStep(new StepReport(step, at, at + proposals.Length), proposals, selection, canvas);
        }
    }

    /// <summary>One forward: proposals for the draft's positions, the one behind it, and one per mask.</summary>
    private Proposal[] Score(int[] written, int[] draft, int masks, DecodeTask task, int[] text)
    {
        Canvas canvas = task.Canvas;
        int clean = written.Length + draft.Length, end = clean + masks + 1, at = canvas.Committed;
        int[] sequence = [.. written, .. draft, .. canvas.Ids[(at + draft.Length)..]];
        var window = new ScoreWindow(written.Length, written.Length, end, sequence.Length) { CleanEnd = clean };
        using var logits = scorer.Score(sequence, window);
        // What stands before a clean row is known, or the row does not count.
        Belief?[] beliefs = task.Prior is { } prior ? [.. Enumerable.Range(text.Length - draft.Length, draft.Length + 1).Select(known => prior.Next(text.AsSpan(0, known)))] : [];
        return proposer.Propose(logits, canvas, at, beliefs)[..(end - written.Length)];
    }
}
