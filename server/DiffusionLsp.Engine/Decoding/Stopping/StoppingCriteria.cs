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

    /// <summary>Those that the request asks for.</summary>
    public static IReadOnlyList<IStoppingCriterion> For(StoppingContext context) => [.. Table.Select(create => create(context)).OfType<IStoppingCriterion>()];
}

/// <summary>What criteria are made from.</summary>
/// <param name="Written">The text without a gap so far.</param>
/// <param name="Clock">Runs since the request began.</param>
/// <param name="LineEnds">Whether a token ends the line, where one line is asked for; null: more are.</param>
internal sealed record StoppingContext(InfillRequest Request, Func<string> Written, Stopwatch Clock, Func<int, bool>? LineEnds);
