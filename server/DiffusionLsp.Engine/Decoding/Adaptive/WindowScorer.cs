using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// The cache of adaptive parallel decoding for bidirectional models (its knob W). Keys and values of tokens more than W before the
/// newest ones are reused; the last W, the newest, all masks and what follows them are recomputed. The first step of a decode
/// computes everything.
/// </summary>
/// <remarks>Approximate, like any cache of a bidirectional model: the reused keys and values do not reflect the newest tokens.</remarks>
internal sealed class WindowScorer : RowScorer
{
    private readonly List<int> cached = [];
    private int[] becoming = []; // what the slot holds after the planned forward
    private int newest; // start of the last call

    /// <param name="slot">Not owned.</param>
    public WindowScorer(ModelRunner runner, KeyValueSlot slot) : base(runner, slot)
    {
    }

    /// <param name="capacity">Maximum sequence length in tokens.</param>
    public WindowScorer(ModelRunner runner, int capacity) : base(runner, runner.NewArena(1, capacity))
    {
    }

    /// <summary>W, at least 1.</summary>
    public int Window { get; set; } = 1;

    public override int CachedPrefixLength(ReadOnlySpan<int> sequence) => 0;

    protected override RowPlan PlanRows(ReadOnlySpan<int> sequence, ScoreWindow window, int shift)
    {
        // left = t − W − k + 1, where t is the first mask and k the number of tokens since the last step.
        int left = window.Step == 0 ? 0 : Math.Clamp(newest - Window + 1, 0, window.Start - shift);
        left = Math.Min(left, sequence.CommonPrefixLength(CollectionsMarshal.AsSpan(cached)));
        newest = window.Start;
        cached.Clear(); // if the forward fails or is cancelled, the slot's contents are unknown
        becoming = sequence.ToArray();
        return new RowPlan(becoming[left..], left, becoming.Length, null, window.Start - shift - left, window.CanvasEnd - window.Start);
    }

    protected override void Keep() => cached.AddRange(becoming);

    public override void Reset() => cached.Clear();
}
