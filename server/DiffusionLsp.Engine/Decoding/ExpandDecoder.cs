namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// DreamOn's loop (arXiv 2602.01326): one proposal a step, the one with the least entropy, over the whole hole. The expand token
/// makes two masks of one, the end-of-text token takes one away. It ends: expanding and deleting have a budget, after which
/// both are forbidden, so a model that swings between them (which it may) is made to write.
/// </summary>
/// <param name="tokens">Ids of the expand and the end-of-text token.</param>
/// <param name="most">Longest hole.</param>
internal sealed class ExpandDecoder(ICanvasScorer scorer, ExpandProposers proposers, (int Expand, int Delete) tokens, int most,
    IDecodeObserver? observer = null) : IDecoder
{
    private const int SpareEdits = 16;

    public void Fill(DecodeTask task, CancellationToken cancellation)
    {
        (int[] prompt, Canvas canvas, int[] trailer, _) = task;
        int edits = 2 * most + SpareEdits;
        for (int step = 0; canvas.HasMask(0, canvas.Length); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = canvas.Committed, length = canvas.Length;
            var window = new ScoreWindow(prompt.Length, prompt.Length + start, prompt.Length + length, prompt.Length + length, step);
            using var logits = scorer.Score([.. prompt, .. canvas.Ids, .. trailer], window);
            TokenProposer proposer = edits == 0 ? proposers.Closed : length < most ? proposers.Open : proposers.Shrinking;
            Proposal[] proposals = proposer.Propose(logits, canvas, start);
            int surest = Surest(proposals);
            Proposal chosen = proposals[surest];
            if (chosen.TokenId == tokens.Expand) canvas.Expand(chosen.Position);
            else if (chosen.TokenId == tokens.Delete) canvas.Delete(chosen.Position);
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

/// <summary>What may be proposed while the budget lasts, when the hole is as long as it may be, and when the budget is spent.</summary>
/// <param name="Open">Text, expand and end-of-text.</param>
/// <param name="Shrinking">Text and end-of-text.</param>
/// <param name="Closed">Text alone.</param>
internal sealed record ExpandProposers(TokenProposer Open, TokenProposer Shrinking, TokenProposer Closed) : IDisposable
{
    public void Dispose()
    {
        Open.Dispose();
        Shrinking.Dispose();
        Closed.Dispose();
    }
}
