using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>The table of logits processors, in the order in which they apply to every decoder. The model's own blocked ids come before them.</summary>
internal static class LogitsProcessors
{
    private static readonly Func<ProcessorContext, ILogitsProcessor?>[] Table =
    [
        context => context.FirstAllowed is { } allowed ? new FirstTokenConstraint(allowed) : null,
        context => context.Prior is { } prior ? new NgramMixture(prior, context.Task, context.Signals) : null,
    ];

    /// <summary>The processors that a request needs.</summary>
    public static IReadOnlyList<ILogitsProcessor> For(ProcessorContext context) => [.. Table.Select(create => create(context)).OfType<ILogitsProcessor>()];
}

/// <summary>What processors are created from.</summary>
/// <param name="FirstAllowed">Ids allowed at the first position; null: any.</param>
/// <param name="Prior">Predicts tokens besides the network; null: none.</param>
internal sealed record ProcessorContext(DecodeTask Task, int[]? FirstAllowed, ITokenPrior? Prior)
{
    /// <summary>Records the prior's predictions; null: not needed.</summary>
    public SignalRecorder? Signals { get; init; }
}
