namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// DreamOn's loop (arXiv 2602.01326): one commit per step, the proposal with the lowest entropy, over the whole hole. The expand token
/// turns one mask into two, the end-of-text token deletes one. Expansions and deletions share a budget, after which both are
/// forbidden, so that a model that oscillates between them terminates.
/// </summary>
internal sealed class ExpandDecoder(DecodeTask task, ExpandSetup setup) : IDecoder
{
    private const int SpareEdits = 16;

    private int edits = 2 * setup.Most + SpareEdits; // remaining
    private int step;

    public ScoreCall? Next()
    {
        (int[] prompt, Canvas canvas, int[] suffix, _) = task;
        if (!canvas.HasMask(0, canvas.Length)) return null;
        int start = canvas.Committed, end = prompt.Length + canvas.Length;
        var window = new ScoreWindow(prompt.Length, prompt.Length + start, end, end, step);
        return new ScoreCall([.. prompt, .. canvas.Ids, .. suffix], window, start)
        {
            Allowed = edits == 0 ? TokenSet.TextAlone : canvas.Length < setup.Most ? TokenSet.Resizing : TokenSet.Shrinking,
        };
    }

    public StepInfo? Apply(Proposal[] proposals)
    {
        Canvas canvas = task.Canvas;
        int length = canvas.Length, surest = Surest(proposals);
        Proposal chosen = proposals[surest];
        if (chosen.TokenId == setup.Expand) canvas.Expand(chosen.Position);
        else if (chosen.TokenId == setup.Delete) canvas.Delete(chosen.Position);
        else canvas.Commit(chosen.Position, chosen.TokenId);
        if (canvas.Length != length) edits--;
        return new StepInfo(step++, 0, length, proposals, new Policies.Selection([surest]));
    }

    private static int Surest(Proposal[] proposals)
    {
        int best = 0;
        for (int i = 1; i < proposals.Length; i++)
            if (proposals[i].Entropy < proposals[best].Entropy) best = i;
        return best;
    }
}

/// <summary>The tokens that change a hole's length.</summary>
/// <param name="Expand">Id of the expand token.</param>
/// <param name="Delete">Id of the end-of-text token.</param>
/// <param name="Most">Maximum length of the hole.</param>
internal sealed record ExpandSetup(int Expand, int Delete, int Most);
