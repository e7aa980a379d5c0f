using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>The table of measured methods: one row each. All others are compared to the first.</summary>
internal static class BenchMethods
{
    private static readonly DecodeOptions Published = new()
    {
        Decoder = "vanilla", Cache = CacheKind.None, EndOfText = "never", NgramCache = false,
    };

    private static readonly DecodeOptions Fast = Published with { Cache = CacheKind.Prefix, EndOfText = "confident" };

    /// <summary>As published: a full forward per token over the prompt and the whole canvas.</summary>
    public static BenchMethod Vanilla { get; } = new("vanilla", "vanilla", MethodKind.Baseline, Published);

    /// <summary>The same tokens with the exact cache.</summary>
    public static BenchMethod VanillaCached { get; } = new("vanilla, cache", "vanilla", MethodKind.Baseline, Vanilla.Cached);

    /// <summary>All rows, in the order of the table.</summary>
    public static IReadOnlyList<BenchMethod> All { get; } =
    [
        Vanilla,
        VanillaCached,
        new("vanilla, end of text", "vanilla", MethodKind.Baseline, Fast with { Cache = CacheKind.None }),
        new("vanilla, cache, end of text", "vanilla", MethodKind.Baseline, Fast),
        new("vanilla, dual cache, end of text", "vanilla", MethodKind.Baseline, Fast with { Cache = CacheKind.Dual }),
        .. new[] { 2, 3, 4 }.Select(n => new BenchMethod($"fixed {n}", "fixed", MethodKind.Control, Of("fixed").With(FixedCountPolicy.TokensPerStep, n))),
        .. new[] { 0.6, 0.7, 0.8, 0.9, 0.95 }.Select(t => Control("threshold", t, CommitPolicies.Threshold)),
        .. new[] { 0.5, 1, 2 }.Select(f => Control("factor", f, FactorPolicy.Factor)),
        .. new[] { 0.05, 0.1, 0.4, 0.8 }.Select(g => Control("entropy-bound", g, EntropyBoundPolicy.EntropyBound)),
        .. new[] { 0.8, 0.9, 0.97 }.Select(t => Control("stable", t, CommitPolicies.Threshold)),
        new("threshold 0.8, published end of text", "threshold", MethodKind.Control, Of("threshold").With(CommitPolicies.Threshold, 0.8) with { EndOfText = "published" }),
        new("threshold 0.8, dual cache", "threshold", MethodKind.Control, Of("threshold").With(CommitPolicies.Threshold, 0.8) with { Cache = CacheKind.Dual }),
        new("threshold 0.8, no cache", "threshold", MethodKind.Control, Of("threshold").With(CommitPolicies.Threshold, 0.8) with { Cache = CacheKind.None }),
        .. new[] { 0.7, 0.8, 0.9 }.Select(t => Control("anchored", t, CommitPolicies.Threshold)),
        new("autoregressive", "autoregressive", MethodKind.Control, Of("autoregressive")),
        new("draft", "draft", MethodKind.Measured, Of("draft")),
        new("draft, n-gram cache", "draft", MethodKind.Measured, Fast with { Decoder = "draft", NgramCache = true }),
        .. new[] { 0.5, 0.7, 0.9 }.Select(r => Apd(r, "same")),
        Apd(0.7, "ngram"),
        Apd(0.7, "small"),
        Filter("learn2pd", null, "", Fast),
        .. new[] { 0.8, 0.9, 0.96 }.Select(t => Filter("learn2pd", t, "", Fast)),
        Filter("learn2pd", null, ", dual cache", Fast with { Cache = CacheKind.Dual }),
        Filter("learn2pd", null, ", no cache", Fast with { Cache = CacheKind.None }),
        Filter("learn2pd", null, ", published end of text, no cache", Fast with { Cache = CacheKind.None, EndOfText = "published" }),
        Filter("filter", null, "", Fast),
        .. new[] { 0.5, 0.7, 0.9 }.Select(t => Filter("filter", t, "", Fast)),
        Filter("filter", null, ", dual cache", Fast with { Cache = CacheKind.Dual }),
        Filter("filter", null, ", no cache", Fast with { Cache = CacheKind.None }),
        new("oracle", "oracle", MethodKind.Bound, Fast with { EndOfText = "committed" }),
    ];

    /// <summary>One row per family, for a quick look.</summary>
    public static IReadOnlyList<BenchMethod> Quick { get; } =
        [.. All.Where(m => m.Name is "vanilla" or "vanilla, cache" or "threshold 0.8" or "threshold 0.9" or "factor 1" or "entropy-bound 0.1" or "stable 0.9" or "anchored 0.9"
            or "autoregressive" or "draft" or "apd R = 0.7, same" or "learn2pd" or "filter" or "oracle")];

    private static DecodeOptions Of(string decoder) => Fast with { Decoder = decoder };

    private static BenchMethod Control(string decoder, double value, Knob<double> knob) =>
        new(FormattableString.Invariant($"{decoder} {value}"), decoder, MethodKind.Control, Of(decoder).With(knob, value));

    private static BenchMethod Apd(double weight, string verifier) => new(FormattableString.Invariant($"apd R = {weight}, {verifier}"), $"apd, {verifier}", MethodKind.Measured,
        Of("apd").With(AdaptiveDecoder.Weight, weight).With(AdaptiveDecoder.Verifier, verifier));

    /// <param name="threshold">τ; null: the filter's recommendation.</param>
    private static BenchMethod Filter(string decoder, double? threshold, string more, DecodeOptions options) =>
        new(FormattableString.Invariant($"{decoder}{(threshold is null ? "" : " ")}{threshold}{more}"), decoder + more, MethodKind.Measured,
            (options with { Decoder = decoder }).With(CommitPolicies.FilterThreshold, threshold ?? 0));
}
