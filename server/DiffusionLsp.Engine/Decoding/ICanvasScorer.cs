using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Scores positions of one sequence in one forward, reusing what it may between calls. One row of scores per position,
/// whatever shift the model was trained with.
/// </summary>
internal interface ICanvasScorer
{
    /// <summary>Forward passes so far.</summary>
    int Forwards { get; }

    /// <summary>Scores the positions from <see cref="ScoreWindow.Start"/> on.</summary>
    /// <param name="sequence">Prompt, canvas, and for bidirectional models whatever follows it. It may have become shorter since the last call.</param>
    /// <returns>
    /// (N, V), the caller's; row i scores the token at Start + i. At least up to BlockEnd; further, at most to CanvasEnd, where the
    /// forward computed those rows anyway.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window);
}

/// <summary>What a step asks of a scorer, as positions in the sequence.</summary>
/// <param name="BlockStart">First position of the current block.</param>
/// <param name="Start">First position to score; everything before it is final.</param>
/// <param name="BlockEnd">End of the current block.</param>
/// <param name="CanvasEnd">End of the canvas; what follows is the text after the hole.</param>
/// <param name="Step">Steps done in this block; at 0 whoever caches refreshes.</param>
internal readonly record struct ScoreWindow(int BlockStart, int Start, int BlockEnd, int CanvasEnd, int Step = 0)
{
    /// <summary>
    /// Where masks begin, if not at <see cref="Start"/>: the positions between the two hold a draft whose rows are clean and
    /// causal like those before it. For block-causal models with shifted logits only.
    /// </summary>
    public int? CleanEnd { get; init; }

    /// <summary>
    /// Whether a forward without a cache covers the whole canvas even where no position of the block sees what is behind it,
    /// as in block-causal models: the published baseline.
    /// </summary>
    public bool WholeCanvas { get; init; }

    /// <summary>Ends the forward between two layers; what the scorer keeps stays right.</summary>
    public CancellationToken Cancellation { get; init; }
}
