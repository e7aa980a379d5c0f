namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Executes planned rows for one sequence or for several at once. It knows neither decoders nor canvases. Runs on the device
/// thread.
/// </summary>
internal abstract class ModelRunner
{
    public abstract ModelConfig Config { get; }

    /// <summary>Rows fed so far: those fed only to fill the K/V cache, and those that were scored.</summary>
    public (long Prompt, long Step) Fed { get; private set; }

    /// <summary>Runs an action whose rows are not counted, such as a measurement.</summary>
    public void Uncounted(Action run)
    {
        var before = Fed;
        run();
        Fed = before;
    }

    /// <summary>Allocates K/V slots on this runner's device.</summary>
    /// <param name="slots">Sequences, at least 1.</param>
    /// <param name="capacity">Rows per sequence, at least 1.</param>
    public abstract KeyValueArena NewArena(int slots, int capacity);

    /// <summary>Scores the rows of one sequence.</summary>
    /// <param name="slot">Holds the keys and values of earlier rows; null: the whole sequence is fed and nothing is kept.</param>
    /// <param name="computed">Called once the keys and values are in the slot; scoring may still be cancelled.</param>
    /// <returns>(Scored, V). The caller disposes it.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract Scores Score(RowPlan plan, KeyValueSlot? slot, Action? computed, CancellationToken cancellation);

    /// <summary>Scores rows of several sequences in one forward.</summary>
    /// <param name="work">Each in its own slot of one arena.</param>
    /// <param name="computed">As for <see cref="Score"/>.</param>
    /// <returns>(Σ Scored, V), in the given order. The caller disposes it.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract Scores ScoreTogether(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, Action? computed, CancellationToken cancellation);

    protected void Count(RowPlan plan) => Fed = (Fed.Prompt + plan.Tokens.Length - plan.Scored, Fed.Step + plan.Scored);
}
