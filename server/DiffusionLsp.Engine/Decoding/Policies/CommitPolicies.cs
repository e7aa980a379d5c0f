namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The table of commit policies: one row each.</summary>
public static class CommitPolicies
{
    private static readonly Dictionary<string, Func<DecodeOptions, ICommitPolicy>> Table = new(StringComparer.Ordinal)
    {
        ["vanilla"] = _ => new VanillaPolicy(),
        ["fixed"] = options => new FixedCountPolicy(options.TokensPerStep),
        ["factor"] = options => new FactorPolicy(options.Factor),
        ["entropy-bound"] = options => new EntropyBoundPolicy(options.EntropyBound),
        ["stable"] = options => new StablePolicy(options.Threshold),
        ["threshold"] = options => new ConfidenceThresholdPolicy(options.Threshold),
        ["anchored"] = options => new AnchoredThresholdPolicy(options.Threshold),
    };

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys];

    /// <summary>A fresh policy for one decode.</summary>
    internal static ICommitPolicy Create(DecodeOptions options) => Table[options.Decoder](options);
}
