namespace DiffusionLsp.Engine.Decoding;

/// <summary>Watches a decode, for progress, tracing and training. Called on the device thread, after each step's commits and cut.</summary>
internal interface IDecodeObserver
{
    void OnStep(StepInfo step, Canvas canvas);
}
