using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Cuda;
using DiffusionLsp.Engine.Native;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>
/// Runs forwards over a few rows as static steps and leaves all others to another runner. If the device fails, this runner stops using
/// static steps and forwards continue without them.
/// </summary>
/// <param name="inner">Runs the forwards that a static step cannot.</param>
/// <param name="model">The model that both runners execute.</param>
/// <param name="device">Owned.</param>
/// <param name="notice">Called with a sentence when static steps are disabled; null: no listener.</param>
internal sealed class StepRunner(ModelRunner inner, Transformer model, IStepDevice device, Action<string>? notice) : ModelRunner, IDisposable
{
    private TensorArena? arena;
    private long version; // of the arena when the step was made
    private StaticStep? step;

    public override ModelConfig Config => inner.Config;

    /// <summary>Wraps a runner if model, device and options allow static steps; otherwise returns it unchanged.</summary>
    /// <param name="reason">Why there are no static steps, as a clause; null: there are.</param>
    public static ModelRunner Over(LoadedModel loaded, ModelRunner inner, EngineOptions options, out string? reason)
    {
        reason = !loaded.UsesLibtorch || (!loaded.Compute.IsGpu && options.StepDevice is null) ? "the model runs on a CPU"
            : !options.CudaGraphs ? "the setting diffusionLsp.cudaGraphs is off"
            : !StableOperators.AreThere ? "libtorch is older than 2.10"
            : StaticStep.Unsupported(loaded.Config) is { } unsupported ? $"the model is not supported: {unsupported}"
            : null;
        if (reason is not null) return inner;
        try
        {
            IStepDevice device = options.StepDevice?.Invoke() ?? new CudaStepDevice(new CudaDriver(), TorchStreams.Find());
            if (device.Unsupported(loaded.Config) is not { } why) return new StepRunner(inner, loaded.Transformer, device, options.Notice);
            device.Dispose();
            reason = $"the model's shape is not supported: {why}";
            return inner;
        }
        catch (CudaDriverException e)
        {
            reason = e.Message;
            return inner;
        }
    }

    /// <summary>Whether static steps are still in use.</summary>
    public bool IsActive { get; private set; } = true;

    /// <summary>Static steps executed.</summary>
    public long Steps { get; private set; }

    public override KeyValueArena NewArena(int slots, int capacity) => inner.NewArena(slots, capacity);

    public override Scores Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation) =>
        (slot is null ? null : Stepped([(slot, plan)], computed, cancellation)) ?? Guarded(() => inner.Score(plan, slot, Counted([plan], computed), cancellation));

    public override Scores ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation) =>
        Stepped(work, computed, cancellation) ?? Guarded(() => inner.ScoreTogether(work, Counted([.. work.Select(w => w.Plan)], computed), cancellation));

    /// <summary>As <see cref="IStepDevice.Statistics"/>.</summary>
    /// <returns>Null: the device failed.</returns>
    public RowStatistics[]? Statistics(StaticStep of, int first, ReadOnlySpan<int> sets, nint blocked)
    {
        try
        {
            return device.Statistics(of, first, sets, blocked);
        }
        catch (CudaDriverException e)
        {
            End(e); // keeps the step's memory, because its scores are still needed
            return null;
        }
    }

    /// <summary>Waits for the last step.</summary>
    public void Wait() => device.Wait();

    /// <returns>Null: this forward cannot run as a static step.</returns>
    private StepScores? Stepped(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation)
    {
        if (!IsActive || StepBucket.For(work.Sum(w => w.Plan.Tokens.Length), work.Max(w => w.Plan.Seen)) is not { } bucket || work[0].Slot.Arena is not TensorArena at) return null;
        foreach ((KeyValueSlot slot, RowPlan plan) in work) slot.RequireRoom(plan.Seen);
        cancellation.ThrowIfCancellationRequested();
        int scored;
        try
        {
            using var noGradient = inference_mode();
            using var scope = NewDisposeScope();
            step = StepOver(at);
            scored = device.Input(bucket.Rows).Write(work, at.Capacity);
            device.Execute(step, bucket);
        }
        catch (Exception e) when (e is CudaDriverException or ExternalException or InvalidOperationException)
        {
            End(e);
            Forget();
            return null;
        }
        Steps++;
        foreach ((_, RowPlan plan) in work) Count(plan);
        computed?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        return new StepScores(this, step, 0, scored);
    }

    /// <summary>The step over an arena's current buffers.</summary>
    private StaticStep StepOver(TensorArena at)
    {
        if (step is not null && ReferenceEquals(arena, at) && version == at.Version) return step;
        Forget();
        (arena, version) = (at, at.Version);
        return new StaticStep(model, at);
    }

    private Action Counted(RowPlan[] plans, Action? computed) => () =>
    {
        Array.ForEach(plans, Count);
        computed?.Invoke();
    };

    /// <summary>When libtorch runs out of memory, it frees cached blocks, which a graph may use as workspace; so the step and its graphs are dropped.</summary>
    private Scores Guarded(Func<Scores> forward)
    {
        try
        {
            return forward();
        }
        catch (ExternalException)
        {
            Forget();
            throw;
        }
    }

    private void Forget()
    {
        device.Forget();
        step?.Dispose();
        step = null;
    }

    private void End(Exception e)
    {
        IsActive = false;
        notice?.Invoke($"Forwards run without CUDA graphs from now on, because a static step failed: {e.Message}");
    }

    public void Dispose()
    {
        Forget();
        device.Dispose();
    }
}
