using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The table of commit policies: each row has a name, knobs, and a factory that takes their values.</summary>
public static class CommitPolicies
{
    internal static Knob<double> Threshold { get; } = new("threshold", new NumberKind(0, 1), 0.9, "Minimum confidence at which the threshold, anchored and stable decoders commit a token.");

    internal static Knob<double> FilterThreshold { get; } = new("filterThreshold", new NumberKind(0, 1), 0, "τ, the probability above which the learn2pd and filter decoders commit a token; 0: the filter's recommendation.");

    internal static IReadOnlyList<PolicyRow> Rows { get; } =
    [
        Row("vanilla", () => new VanillaPolicy()),
        Row("fixed", FixedCountPolicy.TokensPerStep, count => new FixedCountPolicy(count)),
        Row("factor", FactorPolicy.Factor, factor => new FactorPolicy(factor)),
        Row("entropy-bound", EntropyBoundPolicy.EntropyBound, gamma => new EntropyBoundPolicy(gamma)),
        Row("stable", Threshold, StablePolicy.StableSteps, (threshold, steps) => new StablePolicy(threshold, steps)),
        Row("threshold", Threshold, threshold => new ConfidenceThresholdPolicy(threshold)),
        Row("anchored", Threshold, threshold => new AnchoredThresholdPolicy(threshold)),
        Row("learn2pd", FilterKind.Published, (filter, threshold, _) => new PublishedFilterPolicy(filter, threshold)),
        Row("filter", FilterKind.Position, (filter, threshold, context) => new PositionFilterPolicy(filter, threshold, context)),
    ];

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(row => row.Name)];

    /// <summary>Creates a policy for one decode.</summary>
    /// <param name="context">Required by decoders that use a filter.</param>
    internal static ICommitPolicy Create(DecodeOptions options, PolicyContext? context = null) =>
        Rows.First(row => row.Name == options.Decoder).Create(options, context ?? PolicyContext.None);

    /// <summary>The oracle, which needs a reference and is therefore not an option.</summary>
    internal static ICommitPolicy Oracle(IReadOnlyList<int> reference, ICommitPolicy? inner = null) => new OraclePolicy(reference, inner);

    private static PolicyRow Row(string name, Func<ICommitPolicy> create) => new(name, [], (_, _) => create());

    private static PolicyRow Row<T>(string name, Knob<T> knob, Func<T, ICommitPolicy> create) where T : notnull => new(name, [knob], (options, _) => create(options.Get(knob)));

    private static PolicyRow Row<T1, T2>(string name, Knob<T1> first, Knob<T2> second, Func<T1, T2, ICommitPolicy> create) where T1 : notnull where T2 : notnull =>
        new(name, [first, second], (options, _) => create(options.Get(first), options.Get(second)));

    private static PolicyRow Row(string name, FilterKind kind, Func<CommitFilter, double, PolicyContext, ICommitPolicy> create) =>
        new(name, [FilterStore.FilterPath, FilterThreshold], (options, context) =>
        {
            CommitFilter filter = context.Filter!;
            return create(filter, options.Get(FilterThreshold) is > 0 and var threshold ? threshold : filter.Threshold, context);
        }) { Filter = kind };
}

/// <summary>One commit policy.</summary>
/// <param name="Knobs">The options that it reads.</param>
internal sealed record PolicyRow(string Name, IReadOnlyList<Knob> Knobs, Func<DecodeOptions, PolicyContext, ICommitPolicy> Create)
{
    /// <summary>The kind of commit filter that its context must contain; null: none.</summary>
    public FilterKind? Filter { get; init; }
}
