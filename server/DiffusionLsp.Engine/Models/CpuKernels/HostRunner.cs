namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Executes planned rows in host memory, without libtorch.</summary>
/// <param name="threads">Threads for a forward over many rows.</param>
internal sealed class HostRunner(CpuTransformer model, int threads = 1) : ModelRunner
{
    public override ModelConfig Config => model.Config;

    public override KeyValueArena NewArena(int slots, int capacity) => model.NewArena(slots, capacity);

    public override Scores Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation) =>
        ScoreTogether([(slot ?? model.PassingSlot(plan.Seen), plan)], computed, cancellation);

    public override Scores ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation) =>
        model.Score(work, threads, () =>
        {
            foreach ((_, RowPlan plan) in work) Count(plan);
            computed?.Invoke();
        }, cancellation);
}
