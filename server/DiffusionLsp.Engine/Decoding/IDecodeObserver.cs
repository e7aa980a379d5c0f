using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Watches a decode, for progress, tracing and training. Called on the device thread, after each step's commits and cut.</summary>
internal interface IDecodeObserver
{
    /// <param name="proposals">What the model proposed at every masked position of the block.</param>
    /// <param name="selection">Which of <paramref name="proposals"/> were committed.</param>
    void OnStep(StepReport step, ReadOnlySpan<Proposal> proposals, Selection selection, Canvas canvas);
}

/// <summary>Where a step took place.</summary>
/// <param name="Number">0-based, over all blocks.</param>
/// <param name="BlockStart">First position of the block in the canvas.</param>
/// <param name="BlockEnd">Its end, before this step's cut.</param>
internal readonly record struct StepReport(int Number, int BlockStart, int BlockEnd);
