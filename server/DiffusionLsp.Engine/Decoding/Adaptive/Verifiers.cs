namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>The table of autoregressive verifiers: one row each.</summary>
public static class Verifiers
{
    private static readonly Dictionary<string, Func<DecoderContext, IAutoregressiveScorer>> Table = new(StringComparer.Ordinal)
    {
        ["same"] = context => new CausalScorer(context.CausalScorer, readsText: false, isCanvas: true),
        ["ngram"] = context => new NgramScorer(context.Ngrams),
        ["small"] = context => context.Resources.SmallVerifier(),
    };

    /// <summary>Names that <see cref="AdaptiveDecoder.Verifier"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys];

    /// <summary>Creates the verifier named in the options.</summary>
    /// <exception cref="EngineException">Its model is missing or does not fit.</exception>
    internal static IAutoregressiveScorer Create(DecoderContext context) => Table[context.Options.Get(AdaptiveDecoder.Verifier)](context);
}
