using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Plans a bidirectional model without a cache: every forward covers the whole sequence.</summary>
internal sealed class FullScorer(ModelRunner runner) : RowScorer(runner, slot: null)
{
    public override int CachedPrefixLength(ReadOnlySpan<int> sequence) => 0;

    protected override RowPlan PlanRows(ReadOnlySpan<int> sequence, ScoreWindow window, int shift) =>
        new(sequence.ToArray(), 0, sequence.Length, null, window.Start - shift, window.CanvasEnd - window.Start);

    protected override void Keep()
    {
    }

    public override void Reset()
    {
    }
}
