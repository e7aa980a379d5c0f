using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Training.NgramCache;

namespace DiffusionLsp.Training.Tests.NgramCache;

/// <summary>Expectation maximisation finds the weight that the samples were drawn with.</summary>
public sealed class NgramCacheFitTests
{
    private const int Match = NgramCacheWeights.Gates; // the second match's first bucket

    private static IEnumerable<NgramCacheSample> Many(NgramSource source, int bucket, double network, double cache, int count = 2000) =>
        Enumerable.Repeat(new NgramCacheSample(source, bucket, network, cache), count);

    [Fact]
    public void The_mixture_of_the_samples_is_found_per_source_and_bucket()
    {
        NgramCacheSample[] samples =
        [
            .. Many(NgramSource.File, 0, 0.1, 1), .. Many(NgramSource.File, 1, 0.5, 0), // always right; never right
            .. Many(NgramSource.File, 2, 0, 1), .. Many(NgramSource.File, 2, 1, 0, 3000), // right two times in five, when the network gives nothing
            .. Many(NgramSource.Workspace, 0, 0.5, 0), .. Many(NgramSource.File, -1, 0.5, 0),
        ];
        NgramCacheWeights weights = NgramCacheFit.Fit(samples);
        Assert.Equal(1, weights.File[0], 0.01);
        Assert.Equal(0, weights.File[1], 0.01);
        Assert.Equal(0.4, weights.File[2], 0.01);
        Assert.Equal(0, weights.Workspace[0], 0.01);
        var (network, mixed) = NgramCacheFit.Loss(samples, weights);
        Assert.True(mixed < network, $"{mixed} < {network}");
    }

    [Fact]
    public void A_bucket_with_few_tokens_leans_on_its_match_and_that_on_its_source()
    {
        NgramCacheWeights weights = NgramCacheFit.Fit([.. Many(NgramSource.File, 0, 0.1, 1), .. Many(NgramSource.File, Match, 0.5, 0, 1)]);
        Assert.Equal(weights.File[0], weights.File[3], 0.01); // the same match, never seen
        Assert.InRange(weights.File[Match], 0.5, weights.File[0] - 0.01); // once wrong
        Assert.InRange(weights.File[2 * Match], weights.File[Match], weights.File[0]); // another match, never seen
        Assert.All(weights.Workspace, w => Assert.Equal(0, w));
    }
}
