using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Training.Filter;

/// <summary>Quality of a filter's outputs independent of decoding: ranking, calibration, precision. Pure functions.</summary>
internal static class FilterMetrics
{
    /// <summary>Share of (right, wrong) pairs that the scores order correctly, ties counting half; NaN if one kind is absent.</summary>
    public static double AreaUnderCurve(IReadOnlyList<(double Score, bool Right)> scored)
    {
        (double Score, bool Right)[] sorted = [.. scored.OrderBy(s => s.Score)];
        double right = sorted.Count(s => s.Right), wrong = sorted.Length - right, rankSum = 0;
        for (int i = 0; i < sorted.Length;)
        {
            int end = i;
            while (end < sorted.Length && sorted[end].Score == sorted[i].Score) end++;
            double rank = (i + 1 + end) / 2.0; // ties share their mean rank
            for (; i < end; i++) if (sorted[i].Right) rankSum += rank;
        }
        return (rankSum - right * (right + 1) / 2) / (right * wrong);
    }

    /// <summary>Expected calibration error over 15 bins of equal width.</summary>
    public static double CalibrationError(IReadOnlyList<(double Probability, bool Right)> scored) => scored
        .GroupBy(s => Math.Min(14, (int)(s.Probability * 15)))
        .Sum(bin => Math.Abs(bin.Sum(s => s.Probability - (s.Right ? 1 : 0)))) / scored.Count;

    /// <summary>Precision and recall of a threshold; NaN if undefined.</summary>
    public static (double Precision, double Recall) At(IReadOnlyList<(double Probability, bool Right)> scored, double threshold)
    {
        double above = scored.Count(s => s.Probability > threshold), hits = scored.Count(s => s.Probability > threshold && s.Right), right = scored.Count(s => s.Right);
        return (hits / above, hits / right);
    }

    /// <summary>The highest recall of any threshold with at least this precision; 0: none has it.</summary>
    public static double RecallAt(IReadOnlyList<(double Probability, bool Right)> scored, double precision)
    {
        double right = scored.Count(s => s.Right), hits = 0, best = 0;
        int seen = 0;
        foreach (var equals in scored.GroupBy(s => s.Probability).OrderByDescending(g => g.Key))
        {
            (seen, hits) = (seen + equals.Count(), hits + equals.Count(s => s.Right));
            if (hits / seen >= precision) best = hits / right;
        }
        return best;
    }

    /// <summary>Platt scaling by Newton's method, slightly regularised so that separable data give finite results.</summary>
    public static Calibration Fit(IReadOnlyList<(double Logit, bool Right)> scored)
    {
        double scale = 1, offset = 0;
        for (int round = 0; round < 50; round++)
        {
            double gs = 1e-3 * (scale - 1), go = 1e-3 * offset, ss = 1e-3, so = 0, oo = 1e-3;
            foreach ((double logit, bool right) in scored)
            {
                double p = 1 / (1 + Math.Exp(-(scale * logit + offset))), error = p - (right ? 1 : 0), weight = p * (1 - p);
                (gs, go) = (gs + error * logit, go + error);
                (ss, so, oo) = (ss + weight * logit * logit, so + weight * logit, oo + weight);
            }
            double determinant = ss * oo - so * so;
            (scale, offset) = (scale - (oo * gs - so * go) / determinant, offset - (ss * go - so * gs) / determinant);
        }
        return double.IsFinite(scale) && double.IsFinite(offset) && scale > 0 ? new Calibration(scale, offset) : Calibration.Identity;
    }
}
