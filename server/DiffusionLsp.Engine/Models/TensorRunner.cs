using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Executes planned rows through libtorch: it makes the tensors, picks the threads and runs the forward.</summary>
/// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
internal sealed class TensorRunner(Transformer model, int threads = 1) : ModelRunner
{
    // Below this many rows a forward on a CPU is many tiny operators: waking a second thread for each costs more than it
    // computes (8 rows: 4.2 ms with one thread, 5.7 with two).
    private const int RowsWorthThreads = 48;

    public override ModelConfig Config => model.Config;

    public override KeyValueArena NewArena(int slots, int capacity) => new TensorArena(model, slots, capacity);

    public override Scores Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        ChooseThreads(plan.Tokens.Length);
        slot?.Begin(plan.First, plan.Seen);
        var attention = new AttentionScope(slot, null, false) { Limits = plan.Limits, Cancellation = cancellation };
        var hidden = model.Forward(Ids(plan.Tokens).unsqueeze(0), HeldScalars.Range(plan.First, plan.End, model.Device), attention);
        Count(plan);
        computed?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        return new TensorScores(model.Logits(hidden[0].narrow(0, plan.ScoredFrom, plan.Scored)).DetachFromDisposeScope());
    }

    public override Scores ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        RowPlan[] plans = [.. work.Select(w => w.Plan)];
        ChooseThreads(plans.Sum(p => p.Tokens.Length));
        var packed = new PackedAttention(work, model.Config, model.DataType, model.Device);
        var positions = tensor(plans.SelectMany(p => Enumerable.Range(p.First, p.Tokens.Length)).Select(p => (long)p).ToArray(), device: model.Device);
        var attention = new AttentionScope(null, null, false) { Packed = packed, Cancellation = cancellation };
        var hidden = model.Forward(Ids([.. plans.SelectMany(p => p.Tokens)]).unsqueeze(0), positions, attention);
        Array.ForEach(plans, Count);
        computed?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        var scored = new List<long>();
        int start = 0;
        foreach (RowPlan plan in plans)
        {
            for (int i = 0; i < plan.Scored; i++) scored.Add(start + plan.ScoredFrom + i);
            start += plan.Tokens.Length;
        }
        return new TensorScores(model.Logits(hidden[0].index_select(0, tensor(scored.ToArray(), device: model.Device))).DetachFromDisposeScope());
    }

    private Tensor Ids(int[] tokens) => tensor(Array.ConvertAll(tokens, id => (long)id), device: model.Device);

    private void ChooseThreads(int rows)
    {
        if (threads > 1 && model.Device.type is DeviceType.CPU) LibtorchThreads.Set(rows < RowsWorthThreads ? 1 : threads);
    }
}
