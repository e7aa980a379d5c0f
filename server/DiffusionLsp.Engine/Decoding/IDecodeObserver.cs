namespace DiffusionLsp.Engine.Decoding;

/// <summary>Watches a decode, for progress, tracing and training. Called on the device thread, after each step's commits.</summary>
internal interface IDecodeObserver
{
    /// <param name="step">0-based, over all blocks.</param>
    /// <param name="proposals">What the model proposed at every masked position of the block.</param>
    /// <param name="selected">Indices into <paramref name="proposals"/> that were committed.</param>
    void OnStep(int step, ReadOnlySpan<Proposal> proposals, IReadOnlyList<int> selected, Canvas canvas);
}
