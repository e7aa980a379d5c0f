using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// The algorithm: score, propose, select, commit, until no mask is left; block by block from left to right. It knows
/// neither text nor tokenizers; what ends a hole is a predicate over ids.
/// </summary>
internal sealed class DecodeLoop(ICanvasScorer scorer, TokenProposer proposer, ICommitPolicy policy, IDecodeObserver? observer = null)
{
    /// <summary>Fills the canvas.</summary>
    /// <param name="prompt">Tokens before the canvas.</param>
    /// <param name="trailer">Tokens after it, for models that see to the right; else empty.</param>
    /// <param name="blockLength">Positions decoded together.</param>
    /// <param name="ends">Whether a token ends the hole. Once one is committed, everything right of it is dropped.</param>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    public void Run(ReadOnlySpan<int> prompt, Canvas canvas, ReadOnlySpan<int> trailer, int blockLength, Func<int, bool> ends, CancellationToken cancellation)
    {
        int steps = 0;
        for (int block = 0; block < canvas.Length; block += blockLength)
        {
            for (int step = 0; canvas.HasMask(block, block + blockLength); step++)
            {
                cancellation.ThrowIfCancellationRequested();
                int start = canvas.Committed, end = Math.Min(block + blockLength, canvas.Length);
                using var logits = scorer.Score([.. prompt, .. canvas.Ids, .. trailer], prompt.Length + start, prompt.Length + end);
                Proposal[] proposals = proposer.Propose(logits, canvas, start);
                IReadOnlyList<int> selected = policy.Select(proposals, step);
                foreach (int i in selected) canvas.Commit(proposals[i].Position, proposals[i].TokenId);
                foreach (int i in selected)
                    if (ends(proposals[i].TokenId)) canvas.Cut(proposals[i].Position + 1);
                observer?.OnStep(steps++, proposals, selected, canvas);
            }
        }
    }
}
