using System.Diagnostics;

namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>The time budget has run out, and there is text to show.</summary>
internal sealed class BudgetSpent(TimeSpan budget, Stopwatch clock) : IStoppingCriterion
{
    public bool IsMet(Canvas canvas) => clock.Elapsed > budget && canvas.Committed > 0;
}
