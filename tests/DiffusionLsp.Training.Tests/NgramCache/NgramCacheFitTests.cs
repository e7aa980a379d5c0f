using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Training.NgramCache;

namespace DiffusionLsp.Training.Tests.NgramCache;

/// <summary>Expectation maximisation finds the weight that the samples were drawn with.</summary>
public sealed class NgramCacheFitTests
{
    [Fact]
    public void The_mixture_of_the_samples_is_found_per_bucket()
    {
        // Bucket 0: the file is always right and the network never sure. Bucket 1: the file is never right.
        // Bucket 2: right two times in five, when the network gives nothing; else the network is certain.
        NgramCacheSample[] samples =
        [
            new(0, 0.1, 1), new(0, 0.2, 1), new(1, 0.5, 0), new(1, 0.9, 0),
            new(2, 0, 1), new(2, 0, 1), new(2, 1, 0), new(2, 1, 0), new(2, 1, 0), new(-1, 0.5, 0),
        ];
        var (weights, before, after) = NgramCacheFit.Fit(samples);
        Assert.Equal(1, weights.Table[0], 0.01);
        Assert.Equal(0, weights.Table[1], 0.01);
        Assert.Equal(0.4, weights.Table[2], 0.01);
        Assert.All(weights.Table.Skip(3), w => Assert.Equal(0, w));
        Assert.True(after < before, $"{after} < {before}");
    }
}
