using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Self-speculative decoding in one forward per step, for block-causal models. A forward is fed the last token, a draft as clean causal
/// rows, and masks. The clean rows give the autoregressive output of the same weights, so the longest correct prefix of the draft
/// and one more token are committed; the mask rows after it already propose the next draft. The output equals that of the autoregressive
/// decoder, token for token; only the number of forwards differs.
/// </summary>
/// <remarks>
/// Verified as in speculative decoding (arXiv 2211.17192). At a temperature above 0, a token is sampled from the verifying row, and the draft
/// counts as right if it equals the sample, which leaves the distribution unchanged too. Rows of accepted tokens stay in the
/// K/V cache; the next forward drops those of rejected ones.
/// </remarks>
/// <param name="memory">Statistics of drafting so far.</param>
/// <param name="ngrams">N-gram counts of the open file.</param>
/// <param name="workspace">Index of other files; null: none.</param>
internal sealed class DraftDecoder(DecodeTask task, IEndOfTextRule endOfText, DraftMemory memory, NgramModel ngrams, WorkspaceIndex? workspace = null) : IDecoder
{
    private readonly MaskSource ahead = new();
    private Drafter? made;
    private int[] draft = [];
    private int masks, step;

    private Drafter Drafter => made ??= new Drafter(
        [new InitialDraftSource(task.InitialDraft, task.Text.Length), new MatchSource(ngrams), .. workspace is null ? (IDraftSource[])[] : [new WorkspaceSource(workspace)], ahead], memory, task.Ends);

    public ScoreCall? Next()
    {
        (int[] prompt, Canvas canvas, _, _) = task;
        if (!canvas.HasMask(0, canvas.Length)) return null;
        int at = canvas.Committed, room = canvas.Length - at - 1; // minus 1 because the position after the fed rows is scored as well
        int[] text = [.. task.Text, .. canvas.Ids[..at]];
        ngrams.Follow(text);
        draft = Drafter.Draft(text, at, room);
        masks = draft.Length > 0 && task.Ends(draft[^1]) ? 0 : Drafter.Masks(room - draft.Length);
        int start = prompt.Length + at, clean = start + draft.Length;
        int[] sequence = [.. prompt, .. canvas.Ids[..at], .. draft, .. canvas.Ids[(at + draft.Length)..]];
        return new ScoreCall(sequence, new ScoreWindow(start, start, clean + masks + 1, sequence.Length) { CleanEnd = clean }, at) { Known = draft };
    }

    public StepInfo? Apply(Proposal[] all)
    {
        Canvas canvas = task.Canvas;
        int at = canvas.Committed, right = 0;
        Proposal[] proposals = all[..(draft.Length + masks + 1)];
        while (right < draft.Length && proposals[right].TokenId == draft[right]) right++;
        Proposal[] committed = proposals[..(right + 1)];
        var selection = new Selection([.. Enumerable.Range(0, committed.Length)]);
        foreach (Proposal p in committed) canvas.Commit(p.Position, p.TokenId);
        if (endOfText.Cut(committed, selection, task.Ends) is { } length) canvas.Cut(length);

        Drafter.Observe([.. committed.Select(p => p.TokenId)]);
        ahead.Observe(memory.Rates, canvas);
        ahead.Renew(right == draft.Length ? proposals.AsSpan(right + 1) : []);
        memory.Observe(1 + draft.Length + masks, committed.Length);
        return new StepInfo(step++, at, at + proposals.Length, proposals, selection);
    }
}
