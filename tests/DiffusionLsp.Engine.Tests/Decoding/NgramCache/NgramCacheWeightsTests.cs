using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>Buckets, and the errors for damaged files.</summary>
public sealed class NgramCacheWeightsTests
{
    private static NgramMatch Found(int match, int count, int followers) =>
        new(match, count, [.. Enumerable.Range(0, followers).Select(i => (i, 1.0 / followers))]);

    [Theory]
    [InlineData(1, 1, 1, 0.1, false, 0)]
    [InlineData(1, 1, 1, 0.1, true, 1)]
    [InlineData(1, 1, 1, 0.25, false, 2)]
    [InlineData(1, 1, 1, 1.0, true, 7)]
    [InlineData(1, 3, 1, 0.1, false, 8)]
    [InlineData(1, 3, 2, 0.1, false, 16)]
    [InlineData(5, 1, 1, 0.1, false, 72)]
    [InlineData(6, 1, 1, 0.1, false, 96)]
    [InlineData(12, 9, 4, 0.9, true, 167)]
    public void Length_agreement_and_what_the_network_says_choose_the_bucket(int match, int count, int followers, double probability, bool agrees, int bucket)
    {
        Assert.Equal(bucket, NgramCacheWeights.Bucket(Found(match, count, followers), probability, agrees));
        Assert.InRange(bucket, 0, NgramCacheWeights.Buckets - 1);
    }

    [Fact]
    public void A_model_without_the_file_has_no_n_gram_cache()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(NgramCacheWeights.Load(folder.Path));
    }

    [Fact]
    public void A_table_without_gates_holds_for_every_gate_and_trusts_no_workspace()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, NgramCacheWeights.FileName), """{"table":[0.1,0.2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.3]}""");
        NgramCacheWeights weights = NgramCacheWeights.Load(folder.Path)!;
        Assert.All([false, true], agrees => Assert.All([0.1, 0.9], probability =>
        {
            Assert.Equal(0.2, weights.Of(NgramSource.File, Found(1, 3, 1), probability, agrees));
            Assert.Equal(0.3, weights.Of(NgramSource.File, Found(12, 3, 2), probability, agrees));
            Assert.Equal(0, weights.Of(NgramSource.Workspace, Found(12, 3, 2), probability, agrees));
        }));
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
