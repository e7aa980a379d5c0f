using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>Scores that a static step left in its own memory: valid until the next step. Statistics of them need neither a softmax in memory nor a sort.</summary>
internal sealed class StepScores : TensorScores
{
    private readonly IStepDevice device;
    private readonly StaticStep step;
    private readonly int first;

    /// <param name="first">First of the scored rows.</param>
    /// <param name="count">How many.</param>
    public StepScores(IStepDevice device, StaticStep step, int first, int count) : base(Rowed(step, first, count)) => (this.device, this.step, this.first) = (device, step, first);

    private static Tensor Rowed(StaticStep step, int first, int count)
    {
        using Tensor all = step.Logits(first + count);
        return all.narrow(0, first, count).DetachFromDisposeScope();
    }

    public override Scores Slice(int first, int count) => new StepScores(device, step, this.first + first, count);

    public override void Wait() => device.Wait();

    /// <summary>What the rows predict (N). Waits for it.</summary>
    /// <param name="sets">(N) which set of blocked tokens applies.</param>
    /// <param name="blocked">(sets, ceil(V / 32)) int32 on the device: a set bit excludes a token.</param>
    public RowStatistics[] Statistics(ReadOnlySpan<int> sets, Tensor blocked) => device.Statistics(step, first, sets, blocked.Address());
}
