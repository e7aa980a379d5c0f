using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Training.Confidence;

/// <summary>Chooses the three thresholds from a measured curve.</summary>
internal static class ThresholdChoice
{
    // A little above the promised values, because users' code comes from other packages than the measured ones.
    private const double Balanced = 0.68, Quiet = 0.83, EagerKeeps = 0.9;

    /// <summary>
    /// Eager: the highest threshold that keeps nine tenths of the saved characters. Balanced and quiet: the lowest from which on the promised
    /// share of what is shown is right.
    /// </summary>
    public static ConfidenceThresholds Of(IReadOnlyList<ConfidencePoint> curve)
    {
        double eager = curve.Where(p => p.Kept >= EagerKeeps).Max(p => p.Threshold);
        double balanced = Math.Max(eager, Lowest(curve, Balanced));
        return new ConfidenceThresholds(eager, balanced, Math.Max(balanced, Lowest(curve, Quiet)));
    }

    private static double Lowest(IReadOnlyList<ConfidencePoint> curve, double precision) =>
        curve.Where(p => p.Shown > 0 && p.Precision >= precision).Select(p => p.Threshold).DefaultIfEmpty(curve[^1].Threshold).Min();
}
