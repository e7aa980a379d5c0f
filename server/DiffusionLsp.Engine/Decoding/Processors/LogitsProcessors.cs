using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>The table of logits processors, in the order in which they work; they hold for every decoder. Blocked ids, the model's own, come before them.</summary>
internal static class LogitsProcessors
{
    private static readonly Func<ProcessorContext, ILogitsProcessor?>[] Table =
    [
        context => context.FirstAllowed is { } allowed ? new FirstTokenConstraint(allowed) : null,
        context => context.Prior is { } prior ? new NgramMixture(prior, context.Task, context.Signals) : null,
    ];

    /// <summary>Those that the request needs.</summary>
    public static IReadOnlyList<ILogitsProcessor> For(ProcessorContext context) => [.. Table.Select(create => create(context)).OfType<ILogitsProcessor>()];
}

/// <summary>What processors are made from.</summary>
/// <param name="FirstAllowed">What may stand first; null: anything.</param>
/// <param name="Prior">What is known of each next token beside the network; null: nothing.</param>
internal sealed record ProcessorContext(DecodeTask Task, int[]? FirstAllowed, ITokenPrior? Prior)
{
    /// <summary>Told what the prior says; null: nobody wants to know.</summary>
    public SignalRecorder? Signals { get; init; }
}
