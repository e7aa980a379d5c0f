using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Scores a canvas by planning which rows a forward must be fed, given what a slot already holds. It executes nothing: the runner
/// does, for this sequence alone or together with others. Lives as long as its slot belongs to one session.
/// </summary>
internal abstract class RowScorer : ICanvasScorer, IDisposable
{
    private readonly KeyValueArena? owned;
    private int planned;

    /// <param name="slot">Not owned; null: no cache.</param>
    protected RowScorer(ModelRunner runner, KeyValueSlot? slot) => (Runner, Slot) = (runner, slot);

    /// <summary>A scorer with an arena of its own.</summary>
    protected RowScorer(ModelRunner runner, KeyValueArena owned) : this(runner, owned.Slots[0]) => this.owned = owned;

    protected ModelRunner Runner { get; }

    /// <summary>Where keys and values are stored; null: nowhere, so the rows must be executed alone.</summary>
    public KeyValueSlot? Slot { get; }

    /// <summary>Whether its rows can share a forward of this runner with those of other slots.</summary>
    public bool IsRunBy(ModelRunner runner) => ReferenceEquals(Runner, runner);

    public int Forwards { get; private set; }

    /// <summary>Rows fed so far, over all forwards.</summary>
    public long Rows { get; private set; }

    /// <summary>Maximum sequence length in tokens.</summary>
    public int Capacity => Slot?.Capacity ?? int.MaxValue;

    /// <summary>How many leading tokens of a new sequence are already cached.</summary>
    public abstract int CachedPrefixLength(ReadOnlySpan<int> sequence);

    /// <summary>Empties the cache.</summary>
    public abstract void Reset();

    /// <summary>
    /// Plans the next forward. Until <see cref="Computed"/> confirms that it took place, the rows in question count as not cached, so a
    /// plan may be dropped and made again.
    /// </summary>
    public RowPlan Plan(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        int shift = Runner.Config.LogitShift ? 1 : 0;
        if (window.Start < shift || window.BlockEnd <= window.Start || window.CanvasEnd <= window.Start)
            throw new ArgumentOutOfRangeException(nameof(window), "There is nothing to score, or no row to score it from.");
        RowPlan plan = PlanRows(sequence, window, shift);
        Slot?.RequireRoom(plan.Seen);
        planned = plan.Tokens.Length;
        return plan;
    }

    /// <summary>Confirms that the planned rows' keys and values are in the slot.</summary>
    public void Computed()
    {
        Forwards++;
        Rows += planned;
        Keep();
    }

    public Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window) => Runner.Score(Plan(sequence, window), Slot, Computed, window.Cancellation);

    /// <param name="shift">1: each position is scored by the row before it, which must therefore be fed; else 0.</param>
    protected abstract RowPlan PlanRows(ReadOnlySpan<int> sequence, ScoreWindow window, int shift);

    /// <summary>Records what the slot holds after the planned forward.</summary>
    protected abstract void Keep();

    public void Dispose() => owned?.Dispose();
}
