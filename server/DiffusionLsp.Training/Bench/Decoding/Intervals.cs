namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>95 % confidence intervals for shares of cases, in percent. Numbers only.</summary>
internal static class Intervals
{
    private const double Z = 1.959963984540054; // the normal distribution's 97.5 % point

    /// <summary>Wilson's interval for the share of <paramref name="hits"/> in <paramref name="cases"/>.</summary>
    public static Interval Wilson(int hits, int cases)
    {
        if (cases == 0) return new Interval(double.NaN, double.NaN, double.NaN);
        double share = hits / (double)cases, square = Z * Z / cases;
        double middle = (share + square / 2) / (1 + square);
        double half = Z * Math.Sqrt(share * (1 - share) / cases + square / (4 * cases)) / (1 + square);
        return new Interval(100 * share, 100 * Math.Max(0, middle - half), 100 * Math.Min(1, middle + half));
    }

    /// <summary>
    /// The difference of two shares of the same cases, in percentage points (Agresti and Min 2005: half a case is added to each of the four
    /// cells, so that the interval does not vanish if both always agree).
    /// </summary>
    /// <param name="pairs">For each case whether the first hit and whether the second did.</param>
    public static Interval Paired(IReadOnlyCollection<(bool First, bool Second)> pairs)
    {
        if (pairs.Count == 0) return new Interval(double.NaN, double.NaN, double.NaN);
        int only = pairs.Count(p => p.First && !p.Second), other = pairs.Count(p => !p.First && p.Second);
        double n = pairs.Count + 2, first = only + 0.5, second = other + 0.5;
        double middle = (first - second) / n;
        double half = Z * Math.Sqrt((first + second) / n - middle * middle) / Math.Sqrt(n);
        return new Interval(100.0 * (only - other) / pairs.Count, 100 * Math.Max(-1, middle - half), 100 * Math.Min(1, middle + half));
    }
}

/// <summary>A value and the ends of its interval.</summary>
internal readonly record struct Interval(double Value, double Low, double High);
