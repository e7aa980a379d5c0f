using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// The standard decoder: scores a block, lets a policy select proposals, commits them and truncates the canvas, until no mask is left;
/// block by block from left to right. It knows neither text nor tokenizers; what ends a hole is a predicate over ids.
/// </summary>
/// <param name="blockLength">Positions decoded together.</param>
internal sealed class DecodeLoop(DecodeTask task, ICommitPolicy policy, IEndOfTextRule endOfText, int blockLength) : IDecoder
{
    private int block, next = NextBlock(task, 0, blockLength); // the current block is [block, next)
    private int step, steps; // in this block, and in total
    private int end; // of the positions scored in this step

    public ScoreCall? Next()
    {
        (int[] prompt, Canvas canvas, int[] suffix, _) = task;
        while (block < canvas.Length && !canvas.HasMask(block, next))
            (block, next, step) = (next, NextBlock(task, next, blockLength), 0);
        if (block >= canvas.Length) return null;
        int start = canvas.Committed;
        end = Math.Min(next, canvas.Length);
        var window = new ScoreWindow(prompt.Length + block, prompt.Length + start, prompt.Length + end, prompt.Length + canvas.Length, step) { WholeCanvas = endOfText.KeepsCanvas };
        return new ScoreCall([.. prompt, .. canvas.Ids, .. suffix], window, start);
    }

    public StepInfo? Apply(Proposal[] all)
    {
        Canvas canvas = task.Canvas;
        Memory<Proposal> proposals = all.AsMemory(0, all.Count(p => p.Position < end));
        Selection selection = policy.Select(proposals.Span, new DecodeStep(block, end, step++));
        Proposal[] written = selection.Written(all);
        foreach (int i in selection.Indices) canvas.Commit(written[i].Position, written[i].TokenId);
        if (endOfText.Cut(written, selection, task.Ends) is { } length) canvas.Cut(length);
        return new StepInfo(steps++, block, end, proposals, selection);
    }

    private static int NextBlock(DecodeTask task, int start, int blockLength) => start + blockLength - (task.Offset + start) % blockLength;
}
