using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>Scores in a static step's own memory, valid until the next step. Their statistics come from one kernel, without a softmax in memory or a sort.</summary>
internal sealed class StepScores : TensorScores
{
    private readonly StepRunner runner;
    private readonly StaticStep step;
    private readonly int first;

    /// <param name="first">First of the scored rows.</param>
    /// <param name="count">How many.</param>
    public StepScores(StepRunner runner, StaticStep step, int first, int count) : base(step.Logits(first, count).DetachFromDisposeScope()) => (this.runner, this.step, this.first) = (runner, step, first);

    public override Scores Slice(int first, int count) => new StepScores(runner, step, this.first + first, count);

    public override void Wait() => runner.Wait();

    /// <summary>The predictions of the rows (N). Blocks until they are computed.</summary>
    /// <param name="sets">(N) which set of blocked tokens applies.</param>
    /// <param name="blocked">(sets, ceil(V / 32)) int32 on the device: a set bit excludes a token.</param>
    /// <returns>Null: the device failed; use the scores instead.</returns>
    public RowStatistics[]? Statistics(ReadOnlySpan<int> sets, Tensor blocked) => runner.Statistics(step, first, sets, blocked.Address());
}
