namespace DiffusionLsp.Engine.Decoding;

/// <summary>Observes a decode, for progress, tracing and training. Called on the decode thread after each step's commits and truncation.</summary>
internal interface IDecodeObserver
{
    void OnStep(StepInfo step, Canvas canvas);
}
