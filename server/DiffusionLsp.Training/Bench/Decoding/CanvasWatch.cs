using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Counts the iterations of a decode and keeps the canvas as it ended. It costs a copy of a few ids per step.</summary>
internal sealed class CanvasWatch : IDecodeObserver
{
    /// <summary>Steps so far; a decoder that needs two forward passes for one counts one.</summary>
    public int Steps { get; private set; }

    /// <summary>Every token of the canvas, also behind the end of the text.</summary>
    public int[] Ids { get; private set; } = [];

    public void OnStep(StepInfo step, Canvas canvas)
    {
        Steps++;
        if (canvas.Committed == canvas.Length) Ids = canvas.Ids.ToArray();
    }
}
