namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Which points no other one beats. Numbers only.</summary>
internal static class ParetoFront
{
    /// <summary>The points for which no other has a lower cost and at least the quality, by rising cost.</summary>
    public static IReadOnlyList<(double Cost, double Quality)> Of(IEnumerable<(double Cost, double Quality)> points)
    {
        var front = new List<(double, double)>();
        double best = double.NegativeInfinity;
        foreach (var (cost, quality) in points.Where(p => !double.IsNaN(p.Quality) && double.IsFinite(p.Cost)).OrderBy(p => p.Cost).ThenByDescending(p => p.Quality))
        {
            if (quality <= best) continue;
            front.Add((cost, quality));
            best = quality;
        }
        return front;
    }
}
