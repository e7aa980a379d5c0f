using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Scores masked positions of one sequence, reusing what it may between calls. One row of scores per position, whatever
/// shift the model was trained with.
/// </summary>
internal interface ICanvasScorer
{
    /// <summary>Forward passes so far.</summary>
    int Forwards { get; }

    /// <summary>Scores the positions [start, end).</summary>
    /// <param name="sequence">Prompt, canvas, and for bidirectional models whatever follows it.</param>
    /// <param name="start">Everything before it is final.</param>
    /// <returns>(end − start, V); row i scores the token at start + i.</returns>
    Tensor Score(ReadOnlySpan<int> sequence, int start, int end);
}
