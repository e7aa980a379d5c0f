using System.Diagnostics;

namespace DiffusionLsp.Engine.Decoding.Stopping;

/// <summary>The table of stopping criteria: one row each; the first that is met ends the decode.</summary>
internal static class StoppingCriteria
{
    private static readonly Func<StoppingContext, IStoppingCriterion?>[] Table =
    [
        context => context.Request.Progress is { } progress ? new EnoughText(progress, context.Written) : null,
        context => context.Request.Budget is { } budget ? new BudgetSpent(budget, context.Clock) : null,
        context => context.LineEnds is { } ends ? new LineWritten(ends) : null,
    ];

    /// <summary>The criteria that a request needs.</summary>
    public static IReadOnlyList<IStoppingCriterion> For(StoppingContext context) => [.. Table.Select(create => create(context)).OfType<IStoppingCriterion>()];
}

/// <summary>What criteria are created from.</summary>
/// <param name="Written">Returns the text up to the first gap.</param>
/// <param name="Clock">Started with the request.</param>
/// <param name="LineEnds">Whether a token ends the line, if a single line is requested; null: several lines are.</param>
internal sealed record StoppingContext(InfillRequest Request, Func<string> Written, Stopwatch Clock, Func<int, bool>? LineEnds);
