using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Plans blocks of a block-causal model. Clean rows are causal, so their keys and values never change: they stay in the slot across
/// steps and requests, and a new sequence reuses the longest common prefix. Only the rows from the first undecided position to the
/// end of the block are recomputed. It knows no policy.
/// </summary>
internal sealed class BlockCausalScorer : RowScorer
{
    private readonly CacheKind kind;
    private readonly int group;
    private readonly bool isCausallyReadable;
    private readonly List<int> cached = []; // ids of the permanent rows
    private int[] becoming = []; // ids of the rows that the planned forward makes permanent

    /// <param name="slot">Not owned.</param>
    public BlockCausalScorer(ModelRunner runner, KeyValueSlot slot, CacheKind kind) : base(runner, slot) =>
        (this.kind, group, isCausallyReadable) = Checked(runner, kind);

    /// <param name="capacity">Maximum sequence length in tokens.</param>
    public BlockCausalScorer(ModelRunner runner, CacheKind kind, int capacity) : base(runner, runner.NewArena(1, capacity)) =>
        (this.kind, group, isCausallyReadable) = Checked(Runner, kind);

    private static (CacheKind, int, bool) Checked(ModelRunner runner, CacheKind kind)
    {
        ModelConfig config = runner.Config;
        if (config.Attention is not AttentionKind.BlockCausal) throw new ArgumentException("The model is not block-causal.");
        return (kind, config.ContextBlockSize, config.IsCausallyReadable);
    }

    public override int CachedPrefixLength(ReadOnlySpan<int> sequence) => kind is CacheKind.None ? 0 : sequence.CommonPrefixLength(CollectionsMarshal.AsSpan(cached));

    protected override RowPlan PlanRows(ReadOnlySpan<int> sequence, ScoreWindow window, int shift)
    {
        (int start, int end) = (window.Start, window.BlockEnd);
        // Clean rows become permanent in whole groups; those in the group being decoded see all of it. A shifted model scores `start` from the row before it, so that row is fed.
        int clean = window.CleanEnd ?? start;
        if (clean != start && !isCausallyReadable) throw new ArgumentException("This model cannot verify a draft, because its rows do not score the next token causally.", nameof(window));
        int permanent = clean / group * group;
        int first = Math.Min(CachedPrefixLength(sequence[..permanent]), start - shift) / group * group;
        cached.RemoveRange(first, cached.Count - first); // the planned forward overwrites them

        // Under a shift, the row of the block's last position scores nothing, but models with fixed groups still see it.
        int unfed = group > 1 ? 0 : shift;
        int seen = end - unfed; // what the block's rows see
        int last = kind is CacheKind.None && window.WholeCanvas ? window.CanvasEnd - unfed : seen; // rows [first, last) are fed; those after the block do not affect it
        int[] tokens = sequence[first..last].ToArray();
        becoming = tokens[..Math.Max(0, Math.Min(permanent, last) - first)];
        return new RowPlan(tokens, first, last, Limits(first, permanent, seen, last), start - shift - first, end - start);
    }

    /// <summary>Per row the end of what it sees: for clean rows the end of their group, for the block's rows <paramref name="seen"/>, for the rows after it everything; null: no limits needed.</summary>
    private int[]? Limits(int first, int permanent, int seen, int last)
    {
        if (last == seen && (first == permanent || last - first == 1)) return null; // every row may see all fed rows
        var limits = new int[last - first];
        for (int row = first; row < last; row++)
            limits[row - first] = row >= seen ? last : row >= permanent ? seen : Math.Min((row / group + 1) * group, Math.Max(permanent, 1));
        return limits;
    }

    protected override void Keep() => cached.AddRange(becoming);

    public override void Reset() => cached.Clear();
}
