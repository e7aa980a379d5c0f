using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// The one place that executes planned rows: it makes the tensors, picks the threads and runs the forward, for one sequence or
/// for several together. It knows neither decoders nor canvases. Runs on the device thread.
/// </summary>
/// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
internal sealed class ModelRunner(Transformer model, int threads = 1)
{
    // Below this many rows a forward on a CPU is many tiny operators: waking a second thread for each costs more than it
    // computes (8 rows: 4.2 ms with one thread, 5.7 with two).
    private const int RowsWorthThreads = 48;

    public Transformer Model => model;

    /// <summary>Rows fed so far: those for their keys and values alone, and those that were scored.</summary>
    public (long Prompt, long Step) Fed { get; private set; }

    /// <summary>Scores the rows of one sequence.</summary>
    /// <param name="slot">Holds the keys and values of the rows before; null: the sequence is fed whole and nothing is kept.</param>
    /// <param name="computed">Told as soon as the keys and values are in the slot; scoring may still be cancelled.</param>
    /// <returns>(Scored, V)</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        ChooseThreads(slot is not null && model.IsPacked ? plan.Scored : plan.Tokens.Length); // of a packed model libtorch gets the scored rows only
        slot?.Begin(plan.First, plan.Seen);
        var attention = new AttentionScope(slot, null, false) { Limits = plan.Limits, Threads = threads, Cancellation = cancellation };
        var hidden = model.Forward(Ids(plan.Tokens).unsqueeze(0), HeldScalars.Range(plan.First, plan.End, model.Device), attention);
        Count(plan);
        computed?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        return model.Logits(hidden[0].narrow(0, plan.ScoredFrom, plan.Scored)).MoveToOuterDisposeScope();
    }

    /// <summary>Scores rows of several sequences in one forward.</summary>
    /// <param name="work">Each in a slot of its own of one arena.</param>
    /// <param name="computed">As for <see cref="Score"/>.</param>
    /// <returns>(Σ Scored, V), in the order given</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation)
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
        return model.Logits(hidden[0].index_select(0, tensor(scored.ToArray(), device: model.Device))).MoveToOuterDisposeScope();
    }

    private void Count(RowPlan plan) => Fed = (Fed.Prompt + plan.Tokens.Length - plan.Scored, Fed.Step + plan.Scored);

    private Tensor Ids(int[] tokens) => tensor(Array.ConvertAll(tokens, id => (long)id), device: model.Device);

    private void ChooseThreads(int rows)
    {
        if (threads > 1 && model.Device.type is DeviceType.CPU) set_num_threads(rows < RowsWorthThreads ? 1 : threads);
    }
}
