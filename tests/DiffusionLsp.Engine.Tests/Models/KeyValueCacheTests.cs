using DiffusionLsp.Engine.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>What is permanent in the cache and what is scratch.</summary>
public sealed class KeyValueCacheTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope;
    private readonly KeyValueCache cache;

    public KeyValueCacheTests()
    {
        scope = NewDisposeScope();
        cache = new KeyValueCache(TinyModel.Shape(1), 6, CPU, ScalarType.Float32); // 2 layers, 2 key heads of 8
    }

    public void Dispose()
    {
        cache.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Written_rows_stand_behind_the_permanent_ones()
    {
        cache.Write(0, Filled(3, 1), Filled(3, -1));
        cache.Advance(2);
        var (keys, values) = cache.Write(0, Filled(2, 5), Filled(2, -5));
        Assert.Equal([1f, 1f, 5f, 5f], Row(keys));
        Assert.Equal([-1f, -1f, -5f, -5f], Row(values));
        Assert.Equal(2, cache.Length);
    }

    [Fact]
    public void Scratch_rows_are_overwritten()
    {
        cache.Write(0, Filled(3, 1), Filled(3, 1));
        var (keys, _) = cache.Write(0, Filled(1, 2), Filled(1, 2));
        Assert.Equal([2f], Row(keys));
    }

    [Fact]
    public void Layers_are_apart()
    {
        cache.Write(0, Filled(1, 1), Filled(1, 1));
        cache.Write(1, Filled(1, 2), Filled(1, 2));
        cache.Advance(1);
        Assert.Equal([1f, 3f], Row(cache.Write(0, Filled(1, 3), Filled(1, 3)).Keys));
        Assert.Equal([2f, 3f], Row(cache.Write(1, Filled(1, 3), Filled(1, 3)).Keys));
    }

    [Fact]
    public void Truncated_rows_are_written_again()
    {
        cache.Write(0, Filled(4, 1), Filled(4, 1));
        cache.Advance(4);
        cache.Truncate(1);
        Assert.Equal(1, cache.Length);
        Assert.Equal([1f, 7f], Row(cache.Write(0, Filled(1, 7), Filled(1, 7)).Keys));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        cache.Write(0, Filled(6, 1), Filled(6, 1));
        cache.Advance(5);
        var refused = Assert.Throws<InvalidOperationException>(() => cache.Write(0, Filled(2, 1), Filled(2, 1)));
        Assert.Contains("6 rows", refused.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Advance(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(6));
        Assert.Equal(5, cache.Length);
    }

    private static Tensor Filled(long rows, float value) => full([1, 2, rows, 8], value);

    /// <summary>The first number of every row of the last head.</summary>
    private static float[] Row(Tensor all) => [.. all[0, 1].select(1, 0).contiguous().data<float>()];
}
