using System.Globalization;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Training.Filter;

/// <summary>The compared decoders, each over a range of its knob. It runs nothing.</summary>
internal static class FilterSweep
{
    /// <summary>The upper bound: commits every right proposal and no wrong one.</summary>
    public const string Oracle = "oracle";

    /// <summary>Decoders with a filter; all others except the oracle are controls.</summary>
    public static IReadOnlyList<string> Filters { get; } = [.. CommitPolicies.Rows.Where(row => row.Filter is not null).Select(row => row.Name)];

    // The knob's 0 means the filter's recommendation; here 0 is a τ below every probability.
    private const double Everything = double.Epsilon;

    private static readonly double[] Thresholds = [0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];

    private static readonly (string Decoder, double[] Knobs, Func<DecodeOptions, double, DecodeOptions> Set)[] Table =
    [
        ("anchored", Thresholds, (o, k) => o.With(CommitPolicies.Threshold, k)),
        ("threshold", Thresholds, (o, k) => o.With(CommitPolicies.Threshold, k)),
        ("stable", [0.5, 0.7, 0.9, 0.97], (o, k) => o.With(CommitPolicies.Threshold, k)),
        ("factor", [0.1, 0.25, 0.5, 1, 1.5], (o, k) => o.With(FactorPolicy.Factor, k)),
        ("entropy-bound", [0.01, 0.1, 0.3, 1], (o, k) => o.With(EntropyBoundPolicy.EntropyBound, k)),
        ("fixed", [2], (o, k) => o.With(FixedCountPolicy.TokensPerStep, (int)k)),
    ];

    /// <summary>Names of the controls.</summary>
    public static IReadOnlyList<string> Controls { get; } = [.. Table.Select(t => t.Decoder)];

    /// <param name="filters">Decoder and filter file; null: the model's own.</param>
    public static IReadOnlyList<SweepPoint> Of(DecodeOptions basis, IReadOnlyList<string> controls, IReadOnlyList<double> taus, IReadOnlyList<(string Decoder, string? Path)> filters) =>
    [
        .. Table.Where(t => controls.Contains(t.Decoder)).SelectMany(t => t.Knobs.Select(k => new SweepPoint(t.Decoder, Text(k), t.Set(basis, k) with { Decoder = t.Decoder }))),
        new SweepPoint(Oracle, "", basis with { Decoder = "vanilla" }),
        .. filters.SelectMany(f => taus.Select(k => new SweepPoint(f.Path is null ? f.Decoder : $"{f.Decoder} {Path.GetFileNameWithoutExtension(f.Path)}", Text(k),
            (basis with { Decoder = f.Decoder }).With(FilterStore.FilterPath, f.Path ?? "").With(CommitPolicies.FilterThreshold, Math.Max(k, Everything))))),
    ];

    private static string Text(double knob) => knob.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One decoder at one setting of its knob.</summary>
internal sealed record SweepPoint(string Family, string Knob, DecodeOptions Options);
