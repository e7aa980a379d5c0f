namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The table of commit policies: one row each.</summary>
public static class CommitPolicies
{
    private static readonly Dictionary<string, Func<DecodeOptions, PolicyContext, ICommitPolicy>> Table = new(StringComparer.Ordinal)
    {
        ["vanilla"] = (_, _) => new VanillaPolicy(),
        ["fixed"] = (options, _) => new FixedCountPolicy(options.TokensPerStep),
        ["factor"] = (options, _) => new FactorPolicy(options.Factor),
        ["entropy-bound"] = (options, _) => new EntropyBoundPolicy(options.EntropyBound),
        ["stable"] = (options, _) => new StablePolicy(options.Threshold),
        ["threshold"] = (options, _) => new ConfidenceThresholdPolicy(options.Threshold),
        ["anchored"] = (options, _) => new AnchoredThresholdPolicy(options.Threshold),
        ["learn2pd"] = (options, context) => new PublishedFilterPolicy(context.Filter!, options.FilterThreshold ?? context.Filter!.Threshold),
        ["filter"] = (options, context) => new PositionFilterPolicy(context.Filter!, options.FilterThreshold ?? context.Filter!.Threshold, context),
    };

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys];

    /// <summary>A fresh policy for one decode.</summary>
    /// <param name="context">Needed by the decoders that use a filter.</param>
    internal static ICommitPolicy Create(DecodeOptions options, PolicyContext? context = null) => Table[options.Decoder](options, context ?? PolicyContext.None);

    /// <summary>The oracle, which needs the reference that it is an oracle of, and so is no option.</summary>
    internal static ICommitPolicy Oracle(IReadOnlyList<int> reference, ICommitPolicy? inner = null) => new OraclePolicy(reference, inner);
}
