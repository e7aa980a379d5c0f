namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Finds the points that no other dominates. Numbers only.</summary>
internal static class ParetoFront
{
    /// <summary>The points for which no other has lower cost and at least the same quality, by ascending cost.</summary>
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
