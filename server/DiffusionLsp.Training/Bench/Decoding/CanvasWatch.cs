using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Counts a decode's iterations and keeps its final canvas, at the cost of copying a few ids per step.</summary>
internal sealed class CanvasWatch : IDecodeObserver
{
    /// <summary>Steps so far; a decoder that needs two forwards per step counts one.</summary>
    public int Steps { get; private set; }

    /// <summary>All tokens of the canvas, including those after the end of the text.</summary>
    public int[] Ids { get; private set; } = [];

    public void OnStep(StepInfo step, Canvas canvas)
    {
        Steps++;
        if (canvas.Committed == canvas.Length) Ids = canvas.Ids.ToArray();
    }
}
