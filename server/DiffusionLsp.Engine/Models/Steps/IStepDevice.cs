namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>Where static steps run. On the device thread.</summary>
internal interface IStepDevice : IDisposable
{
    /// <summary>Host memory for the input of the next step; may be written until the step is executed.</summary>
    /// <param name="rows">Rows of its bucket.</param>
    StepInput Input(int rows);

    /// <summary>Executes a step on the input. The scores are ready for whatever the device computes next.</summary>
    void Execute(StaticStep step, StepBucket bucket);

    /// <summary>The two most probable tokens and the entropy of the rows just scored. Waits for them.</summary>
    /// <param name="step">The step that scored them.</param>
    /// <param name="first">First of the scored rows.</param>
    /// <param name="sets">Per row, which set of blocked tokens applies.</param>
    /// <param name="blocked">Address of the sets on the device (<see cref="StepStatistics.Blocked"/>).</param>
    RowStatistics[] Statistics(StaticStep step, int first, ReadOnlySpan<int> sets, nint blocked);

    /// <summary>Waits until everything executed is done.</summary>
    void Wait();

    /// <summary>Drops whatever remembers addresses of a step, which is about to be freed.</summary>
    void Forget();
}

/// <summary>What one scored row predicts.</summary>
/// <param name="Best">The most probable allowed token.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="RunnerUp">The second most probable token's probability.</param>
/// <param name="Entropy">In nats.</param>
internal readonly record struct RowStatistics(int Best, float Confidence, float RunnerUp, float Entropy);
