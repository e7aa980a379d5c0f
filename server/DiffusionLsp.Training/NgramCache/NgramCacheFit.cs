using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Training.NgramCache;

/// <summary>Expectation maximisation of one mixture weight per bucket.</summary>
internal static class NgramCacheFit
{
    private const int Rounds = 200;

    /// <summary>The weights, and the mean loss in nats per token without and with them.</summary>
    public static (NgramCacheWeights Weights, double Before, double After) Fit(IReadOnlyList<NgramCacheSample> samples)
    {
        var table = new double[NgramCacheWeights.Buckets];
        for (int bucket = 0; bucket < table.Length; bucket++)
        {
            NgramCacheSample[] own = [.. samples.Where(s => s.Bucket == bucket)];
            double weight = own.Length == 0 ? 0 : 0.5;
            for (int round = 0; round < Rounds && own.Length > 0; round++)
                weight = own.Average(s => weight * s.File / Math.Max(1e-300, weight * s.File + (1 - weight) * s.Network));
            table[bucket] = Math.Round(weight, 4);
        }
        double Loss(Func<NgramCacheSample, double> probability) => -samples.Average(s => Math.Log(Math.Max(1e-12, probability(s))));
        double Mixed(NgramCacheSample s) => s.Bucket < 0 ? s.Network : (1 - table[s.Bucket]) * s.Network + table[s.Bucket] * s.File;
        return (new NgramCacheWeights(table), Loss(s => s.Network), Loss(Mixed));
    }
}
