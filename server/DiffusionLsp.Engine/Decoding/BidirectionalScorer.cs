using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Plans blocks of a bidirectional model with the prefix or the dual cache of Fast-dLLM (arXiv 2505.22618, 3.2). The first step of a
/// block is a forward over the whole sequence, which also commits tokens; later steps feed the rows from the block on (prefix) or
/// the block alone (dual), and reuse the keys and values of all other rows. It knows no policy.
/// </summary>
/// <remarks>
/// Three things differ from the published code. When the canvas is truncated, the truncated positions' keys and values are removed
/// before the next forward, and the text after the hole moves up; there, the block keeps seeing them until its end. A shifted
/// model scores the block's first position from the row before the block: that row is fed again while the position is masked; there,
/// the position is committed in the first step whatever its confidence. And with <see cref="RefreshEvery"/> above 1, what did not
/// change is carried over between blocks and requests.
/// </remarks>
internal sealed class BidirectionalScorer : RowScorer
{
    private readonly bool dual;
    private readonly List<int> cached = []; // the ids whose keys and values the slot holds
    private int[] becoming = []; // the same after the planned forward
    private int canvasEnd, plannedEnd; // where the canvas ends in them
    private int block = -1; // first position of the block that was refreshed last
    private int partial; // partial refreshes since the last full forward

    /// <param name="slot">Not owned.</param>
    public BidirectionalScorer(ModelRunner runner, KeyValueSlot slot, CacheKind kind) : base(runner, slot) => dual = IsDual(runner, kind);

    /// <param name="capacity">Maximum sequence length in tokens.</param>
    public BidirectionalScorer(ModelRunner runner, CacheKind kind, int capacity) : base(runner, runner.NewArena(1, capacity)) =>
        dual = IsDual(Runner, kind);

    private static bool IsDual(ModelRunner runner, CacheKind kind)
    {
        if (runner.Config.Attention is not AttentionKind.Full) throw new ArgumentException("The model is not bidirectional.");
        if (kind is CacheKind.None) throw new ArgumentException("Without a cache, use FullScorer.", nameof(kind));
        return kind is CacheKind.Dual;
    }

    /// <summary>
    /// Every how many refreshes the whole sequence is recomputed. 1: every time, as published. Above 1, the refreshes in between feed
    /// the rows from the first to the last changed one, and at least the canvas from the block on.
    /// </summary>
    public int RefreshEvery { get; set; } = 1;

    public override int CachedPrefixLength(ReadOnlySpan<int> sequence) => partial + 1 < RefreshEvery ? sequence.CommonPrefixLength(Cached) : 0;

    private ReadOnlySpan<int> Cached => CollectionsMarshal.AsSpan(cached);

    protected override RowPlan PlanRows(ReadOnlySpan<int> sequence, ScoreWindow window, int shift)
    {
        Slot!.RequireRoom(sequence.Length);
        bool goesOn = window.Step > 0 && GoesOn(sequence, window);
        (int first, int last) = goesOn ? AfterCut(sequence, window, shift) : Refreshed(sequence, window, shift);
        cached.Clear(); // if the forward fails or is cancelled, the slot's contents are unknown
        (becoming, plannedEnd) = (sequence.ToArray(), window.CanvasEnd);
        int end = Math.Min(last, window.CanvasEnd);
        return new RowPlan(becoming[first..last], first, becoming.Length, null, window.Start - shift - first, end - window.Start);
    }

    /// <summary>Whether this is the cached sequence except for commits in the block and a truncated canvas.</summary>
    private bool GoesOn(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        return cached.Count > 0 && window.BlockStart == block && window.CanvasEnd <= canvasEnd
            && sequence[..block].SequenceEqual(Cached[..block])
            && sequence[window.BlockEnd..window.CanvasEnd].SequenceEqual(Cached[window.BlockEnd..window.CanvasEnd])
            && sequence[window.CanvasEnd..].SequenceEqual(Cached[canvasEnd..]);
    }

    /// <summary>Removes the truncated positions.</summary>
    /// <returns>The rows to feed.</returns>
    private (int First, int Last) AfterCut(ReadOnlySpan<int> sequence, ScoreWindow window, int shift)
    {
        Slot!.Move(window.CanvasEnd + cached.Count - sequence.Length, window.CanvasEnd, sequence.Length - window.CanvasEnd);
        return (Math.Min(window.BlockStart, window.Start - shift), dual ? window.BlockEnd : sequence.Length);
    }

    /// <summary>Moves the slot's contents to where a new block's sequence needs them.</summary>
    /// <returns>The rows to feed: all of them, or the changed ones and the canvas.</returns>
    private (int First, int Last) Refreshed(ReadOnlySpan<int> sequence, ScoreWindow window, int shift)
    {
        int first = Math.Min(CachedPrefixLength(sequence), Math.Min(window.BlockStart, window.Start - shift)), same = 0;
        if (first > 0)
        {
            // The unchanged part of the text after the hole.
            int most = Math.Min(sequence.Length - window.CanvasEnd, cached.Count - first);
            while (same < most && sequence[^(same + 1)] == Cached[^(same + 1)]) same++;
        }
        Slot!.Move(cached.Count - same, sequence.Length - same, same);
        (block, partial) = (window.BlockStart, first > 0 ? partial + 1 : 0);
        return (first, sequence.Length - same);
    }

    protected override void Keep()
    {
        cached.AddRange(becoming);
        canvasEnd = plannedEnd;
    }

    public override void Reset()
    {
        cached.Clear();
        partial = 0;
    }
}
