using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Scores positions of a sequence in one forward, reusing earlier results where it can. It returns one row of scores per position,
/// whether or not the model was trained with a shift.
/// </summary>
internal interface ICanvasScorer
{
    /// <summary>Forwards so far.</summary>
    int Forwards { get; }

    /// <summary>Scores the positions from <see cref="ScoreWindow.Start"/> on.</summary>
    /// <param name="sequence">Prompt, canvas and, for bidirectional models, the suffix. It may be shorter than in the last call.</param>
    /// <returns>
    /// (N, V), owned by the caller; row i scores the token at Start + i. Rows reach at least to BlockEnd and at most to CanvasEnd, if the
    /// forward computes those rows anyway.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window);
}

/// <summary>What a step needs from a scorer, as positions in the sequence.</summary>
/// <param name="BlockStart">First position of the current block.</param>
/// <param name="Start">First position to score; everything before it is final.</param>
/// <param name="BlockEnd">End of the current block.</param>
/// <param name="CanvasEnd">End of the canvas, where the suffix begins.</param>
/// <param name="Step">Steps already done in this block; at 0, caches are refreshed.</param>
internal readonly record struct ScoreWindow(int BlockStart, int Start, int BlockEnd, int CanvasEnd, int Step = 0)
{
    /// <summary>
    /// Where masks begin, if not at <see cref="Start"/>: the positions in between hold a draft, whose rows are clean and causal like
    /// those before it. Only for block-causal models with shifted logits. Null: at Start.
    /// </summary>
    public int? CleanEnd { get; init; }

    /// <summary>
    /// Whether a forward without a cache covers the whole canvas even if no position of the block sees what follows the block, as in
    /// block-causal models: the published baseline.
    /// </summary>
    public bool WholeCanvas { get; init; }

    /// <summary>Cancels the forward between two layers; the scorer's cache stays valid.</summary>
    public CancellationToken Cancellation { get; init; }
}
