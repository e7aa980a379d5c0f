using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// A model's thresholds, adapted to what its user did with its suggestions. A setting represents a share of suggestions that are right; if
/// this user keeps more or fewer of them than the model expects, that share is reached at another confidence. Pure.
/// </summary>
/// <remarks>
/// Each bucket is a Beta distribution with a prior of <see cref="Prior"/> observations in which the model's confidence was correct. The
/// buckets' means, made monotonic by isotonic regression (pool adjacent violators), are a curve from the model's confidence to the user's
/// share of kept suggestions; a threshold moves to where the curve reaches its share. Without observations the curve is the diagonal. With
/// the same number of suggestions shown, keeping one more never raises a threshold, and more cautious settings never get lower ones.
/// </remarks>
internal static class LearnedThresholds
{
    /// <summary>With fewer observations nothing is adapted.</summary>
    public const int Enough = 40;

    private const double Prior = 40; // weight of the model's own estimate per bucket, in observations

    /// <summary>Each threshold stays between its neighbours, and the outer ones move at most halfway to 0 and to 1.</summary>
    public static ConfidenceThresholds Of(AcceptanceCounts counts, ConfidenceThresholds own)
    {
        if (counts.Shown < Enough) return own;
        IReadOnlyList<(double Predicted, double Kept)> curve = Curve(counts);
        return new ConfidenceThresholds(
            Math.Clamp(Reached(curve, own.Eager), own.Eager / 2, own.Balanced),
            Math.Clamp(Reached(curve, own.Balanced), own.Eager, own.Quiet),
            Math.Clamp(Reached(curve, own.Quiet), own.Balanced, (1 + own.Quiet) / 2));
    }

    /// <summary>Points of an increasing curve from (0, 0) to (1, 1).</summary>
    private static List<(double Predicted, double Kept)> Curve(AcceptanceCounts counts)
    {
        var predicted = new double[counts.Buckets.Length];
        var pools = new List<(double Kept, double Weight, int Buckets)>();
        for (int i = 0; i < predicted.Length; i++)
        {
            AcceptanceBucket bucket = counts.Buckets[i];
            double middle = (i + 0.5) / predicted.Length, weight = Prior + bucket.Shown;
            predicted[i] = (Prior * middle + bucket.Expected) / weight;
            (double Kept, double Weight, int Buckets) pool = (Prior * middle + bucket.Kept, weight, 1);
            while (pools.Count > 0 && pools[^1].Kept / pools[^1].Weight >= pool.Kept / pool.Weight)
            {
                pool = (pools[^1].Kept + pool.Kept, pools[^1].Weight + pool.Weight, pools[^1].Buckets + pool.Buckets);
                pools.RemoveAt(pools.Count - 1);
            }
            pools.Add(pool);
        }
        IEnumerable<double> kept = pools.SelectMany(pool => Enumerable.Repeat(pool.Kept / pool.Weight, pool.Buckets));
        return [(0, 0), .. predicted.Zip(kept), (1, 1)];
    }

    /// <summary>The lowest confidence at which the curve reaches a share.</summary>
    private static double Reached(IReadOnlyList<(double Predicted, double Kept)> curve, double share)
    {
        for (int i = 1; i < curve.Count; i++)
        {
            (double fromX, double fromY) = curve[i - 1];
            (double toX, double toY) = curve[i];
            if (toY >= share) return toY > fromY ? fromX + (toX - fromX) * Math.Clamp((share - fromY) / (toY - fromY), 0, 1) : fromX;
        }
        return 1;
    }
}
