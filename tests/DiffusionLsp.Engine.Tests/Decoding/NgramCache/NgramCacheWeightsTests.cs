using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>Buckets, and what is said of a damaged file.</summary>
public sealed class NgramCacheWeightsTests
{
    private static NgramMatch Found(int match, int count, int followers) =>
        new(match, count, [.. Enumerable.Range(0, followers).Select(i => (i, 1.0 / followers))]);

    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 3, 1, 1)]
    [InlineData(1, 3, 2, 2)]
    [InlineData(5, 1, 1, 9)]
    [InlineData(6, 1, 1, 12)]
    [InlineData(12, 9, 4, 20)]
    public void Length_and_agreement_choose_the_bucket(int match, int count, int followers, int bucket)
    {
        Assert.Equal(bucket, NgramCacheWeights.Bucket(Found(match, count, followers)));
        Assert.InRange(bucket, 0, NgramCacheWeights.Buckets - 1);
    }

    [Fact]
    public void A_model_without_the_file_has_no_n_gram_cache()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(NgramCacheWeights.Load(folder.Path));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"table":[0.5]}""")]
    [InlineData("""{"table":[2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}""")]
    public void A_damaged_file_is_refused_by_name(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, NgramCacheWeights.FileName), json);
        Assert.Contains("memory.json", Assert.Throws<EngineException>(() => NgramCacheWeights.Load(folder.Path)).Message);
    }
}
