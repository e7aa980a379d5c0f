namespace DiffusionLsp.Training;

/// <summary>Percentiles of measured values. Numbers only.</summary>
internal static class Percentiles
{
    /// <summary>The nearest-rank percentile: the smallest value that at least this share of the values does not exceed; NaN: no values.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public static double Of(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
