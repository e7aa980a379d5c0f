using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>The table of sweeps: one knob of one decoder over its range, all else fixed.</summary>
internal static class BenchSweeps
{
    private static readonly DecodeOptions Fast = BenchMethods.VanillaCached.Options with { EndOfText = "confident" };

    /// <summary>All rows.</summary>
    public static IReadOnlyList<BenchSweep> All { get; } =
    [
        Sweep("threshold", "confidence threshold", [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99], t => Of("threshold").With(CommitPolicies.Threshold, t)),
        Sweep("entropy-bound", "γ, nats", [0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6], g => Of("entropy-bound").With(EntropyBoundPolicy.EntropyBound, g)),
        Sweep("filter", "τ, a probability", [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95], t => Of("filter").With(CommitPolicies.FilterThreshold, t)),
        Sweep("apd-weight", "R, the diffusion model's share", [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1], r => Of("apd").With(AdaptiveDecoder.Weight, r)),
        Sweep("apd-lookahead", "M, masks drafted at once", [1, 2, 4, 8, 16, 32, 64], m => Of("apd").With(AdaptiveDecoder.Lookahead, (int)m)),
        Sweep("apd-window", "W, tokens recomputed (bidirectional models only)", [1, 4, 16, 64, 256], w => Of("apd").With(AdaptiveDecoder.Verifier, "small").With(AdaptiveDecoder.Window, (int)w)),
    ];

    private static DecodeOptions Of(string decoder) => Fast with { Decoder = decoder };

    private static BenchSweep Sweep(string name, string knob, double[] values, Func<double, DecodeOptions> options) => new(name, knob,
        [.. values.Select(v => (v, new BenchMethod(FormattableString.Invariant($"{name} = {v}"), name, MethodKind.Measured, options(v))))]);
}

/// <summary>A sweep over one knob.</summary>
/// <param name="Name">The argument of <c>--sweep</c>.</param>
/// <param name="Knob">The knob's label on the plot's axis.</param>
/// <param name="Points">Its values, each with the method to measure.</param>
internal sealed record BenchSweep(string Name, string Knob, IReadOnlyList<(double Value, BenchMethod Method)> Points);
