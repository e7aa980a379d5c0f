namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// DreamOn's loop (arXiv 2602.01326): one proposal a step, the one with the least entropy, over the whole hole. The expand token
/// makes two masks of one, the end-of-text token takes one away. It ends: expanding and deleting have a budget, after which
/// both are forbidden, so a model that swings between them (which it may) is made to write.
/// </summary>
internal sealed class ExpandDecoder(ICanvasScorer scorer, ExpandSetup setup, IDecodeObserver? observer = null) : IDecoder
{
    private const int SpareEdits = 16;

    public void Fill(DecodeTask task, CancellationToken cancellation)
    {
        (int[] prompt, Canvas canvas, int[] trailer, _) = task;
        int edits = 2 * setup.Most + SpareEdits;
        for (int step = 0; canvas.HasMask(0, canvas.Length); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = canvas.Committed, length = canvas.Length;
            var window = new ScoreWindow(prompt.Length, prompt.Length + start, prompt.Length + length, prompt.Length + length, step);
            using var logits = scorer.Score([.. prompt, .. canvas.Ids, .. trailer], window);
            TokenProposer proposer = edits == 0 ? setup.Closed : length < setup.Most ? setup.Open : setup.Shrinking;
            Proposal[] proposals = proposer.Propose(logits, canvas, start);
            int surest = Surest(proposals);
            Proposal chosen = proposals[surest];
            if (chosen.TokenId == setup.Expand) canvas.Expand(chosen.Position);
            else if (chosen.TokenId == setup.Delete) canvas.Delete(chosen.Position);
            else canvas.Commit(chosen.Position, chosen.TokenId);
            if (canvas.Length != length) edits--;
            observer?.OnStep(new StepReport(step, 0, length), proposals, new Policies.Selection([surest]), canvas);
        }
    }

    private static int Surest(Proposal[] proposals)
    {
        int best = 0;
        for (int i = 1; i < proposals.Length; i++)
            if (proposals[i].Entropy < proposals[best].Entropy) best = i;
        return best;
    }
}

/// <summary>The tokens that change a hole's length, and what may be proposed while the budget lasts, when the hole is as long as it may be, and when the budget is spent.</summary>
/// <param name="Expand">Id of the expand token.</param>
/// <param name="Delete">Id of the end-of-text token.</param>
/// <param name="Most">Longest hole.</param>
/// <param name="Open">Proposes text, expand and end-of-text.</param>
/// <param name="Shrinking">Proposes text and end-of-text.</param>
/// <param name="Closed">Proposes text alone.</param>
internal sealed record ExpandSetup(int Expand, int Delete, int Most, TokenProposer Open, TokenProposer Shrinking, TokenProposer Closed) : IDisposable
{
    public void Dispose()
    {
        Open.Dispose();
        Shrinking.Dispose();
        Closed.Dispose();
    }
}
