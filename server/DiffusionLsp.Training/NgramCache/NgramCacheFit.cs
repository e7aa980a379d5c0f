using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Training.NgramCache;

/// <summary>
/// Expectation maximisation of one mixture weight per bucket. Buckets with few tokens are regularised towards larger ones: each towards
/// the bucket of the same match whatever the network predicts, and that towards all matches of its source.
/// </summary>
internal static class NgramCacheFit
{
    private const int Rounds = 200;
    private const double PriorTokens = 20; // weight of the larger bucket, in tokens

    public static NgramCacheWeights Fit(IReadOnlyList<NgramCacheSample> samples) => new(Table(samples, NgramSource.File), Table(samples, NgramSource.Workspace));

    /// <summary>Mean loss in nats per token without and with the cache.</summary>
    public static (double Network, double Mixed) Loss(IReadOnlyList<NgramCacheSample> samples, NgramCacheWeights weights)
    {
        double Mean(Func<NgramCacheSample, double> probability) => -samples.Average(s => Math.Log(Math.Max(1e-12, probability(s))));
        double Weight(NgramCacheSample s) => s.Bucket < 0 ? 0 : (s.Source is NgramSource.File ? weights.File : weights.Workspace)[s.Bucket];
        return (Mean(s => s.Network), Mean(s => (1 - Weight(s)) * s.Network + Weight(s) * s.Cache));
    }

    private static double[] Table(IReadOnlyList<NgramCacheSample> samples, NgramSource source)
    {
        NgramCacheSample[] own = [.. samples.Where(s => s.Source == source && s.Bucket >= 0)];
        var table = new double[NgramCacheWeights.Buckets];
        if (own.Length == 0) return table;
        double all = Weight(own, null);
        ILookup<int, NgramCacheSample> matches = own.ToLookup(s => s.Bucket / NgramCacheWeights.Gates);
        for (int match = 0; match < table.Length / NgramCacheWeights.Gates; match++)
        {
            double whatever = Weight([.. matches[match]], all);
            ILookup<int, NgramCacheSample> gates = matches[match].ToLookup(s => s.Bucket);
            for (int bucket = match * NgramCacheWeights.Gates; bucket < (match + 1) * NgramCacheWeights.Gates; bucket++)
                table[bucket] = Math.Round(Weight([.. gates[bucket]], whatever), 4);
        }
        return table;
    }

    /// <param name="prior">A weight that counts as much as <see cref="PriorTokens"/> tokens; null: none.</param>
    private static double Weight(IReadOnlyList<NgramCacheSample> samples, double? prior)
    {
        double weight = prior ?? 0.5, tokens = prior is null ? 0 : PriorTokens;
        for (int round = 0; round < Rounds && samples.Count > 0; round++)
            weight = (tokens * (prior ?? 0) + samples.Sum(s => weight * s.Cache / Math.Max(1e-300, weight * s.Cache + (1 - weight) * s.Network))) / (tokens + samples.Count);
        return weight;
    }
}
