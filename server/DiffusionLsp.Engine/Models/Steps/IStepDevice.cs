namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>A device that runs static steps. Used on the device thread.</summary>
internal interface IStepDevice : IDisposable
{
    /// <summary>Why this device cannot run a model's static steps, as a clause; null: it can.</summary>
    string? Unsupported(ModelConfig config);

    /// <summary>Host memory for the input of the next step.</summary>
    /// <param name="rows">Rows of its bucket.</param>
    StepInput Input(int rows);

    /// <summary>Queues a step on the input. Work queued on the device later sees its scores.</summary>
    void Execute(StaticStep step, StepBucket bucket);

    /// <summary>The most probable token, the two highest probabilities and the entropy of rows just scored. Blocks until they are computed.</summary>
    /// <param name="step">The step that scored them.</param>
    /// <param name="first">First of the scored rows.</param>
    /// <param name="sets">Per row, which set of blocked tokens applies.</param>
    /// <param name="blocked">Address of the sets on the device (<see cref="StepStatistics.Blocked"/>).</param>
    RowStatistics[] Statistics(StaticStep step, int first, ReadOnlySpan<int> sets, nint blocked);

    /// <summary>Blocks until all queued work is done.</summary>
    void Wait();

    /// <summary>Waits for queued work and drops everything that holds addresses of a step, which is about to be freed.</summary>
    void Forget();
}

/// <summary>The prediction of one scored row.</summary>
/// <param name="Best">The most probable allowed token.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="RunnerUp">The second most probable token's probability.</param>
/// <param name="Entropy">In nats.</param>
internal readonly record struct RowStatistics(int Best, float Confidence, float RunnerUp, float Entropy);
