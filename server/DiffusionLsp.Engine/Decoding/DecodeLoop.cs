using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// The algorithm: score, propose, select, commit, cut, until no mask is left; block by block from left to right. It
/// knows neither text nor tokenizers; what ends a hole is a predicate over ids.
/// </summary>
/// <param name="blockLength">Positions decoded together.</param>
internal sealed class DecodeLoop(ICanvasScorer scorer, TokenProposer proposer, ICommitPolicy policy, IEndOfTextRule endOfText, int blockLength,
    IDecodeObserver? observer = null) : IDecoder
{
    public void Fill(DecodeTask task, CancellationToken cancellation)
    {
        (int[] prompt, Canvas canvas, int[] trailer, Func<int, bool> ends) = task;
        int steps = 0;
        for (int block = 0, next; block < canvas.Length; block = next)
        {
            next = block + blockLength - (task.Offset + block) % blockLength;
            for (int step = 0; canvas.HasMask(block, next); step++)
            {
                cancellation.ThrowIfCancellationRequested();
                int start = canvas.Committed, end = Math.Min(next, canvas.Length);
                var window = new ScoreWindow(prompt.Length + block, prompt.Length + start, prompt.Length + end, prompt.Length + canvas.Length, step) { WholeCanvas = endOfText.KeepsCanvas };
                int[] sequence = [.. prompt, .. canvas.Ids, .. trailer];
                using var logits = scorer.Score(sequence, window);
                Proposal[] all = proposer.Propose(logits, canvas, start, [task.Prior?.Next([.. task.Text, .. canvas.Ids[..start]])]);
                ReadOnlySpan<Proposal> proposals = all.AsSpan(0, all.Count(p => p.Position < end));
                Selection selection = policy.Select(proposals, new DecodeStep(block, end, step));
                Proposal[] written = selection.Written(all);
                foreach (int i in selection.Indices) canvas.Commit(written[i].Position, written[i].TokenId);
                if (endOfText.Cut(written, selection, ends) is { } length) canvas.Cut(length);
                observer?.OnStep(new StepReport(steps++, block, end), proposals, selection, canvas);
            }
        }
    }
}
