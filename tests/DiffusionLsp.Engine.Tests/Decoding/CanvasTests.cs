using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The hole while it is filled: committed tokens stay, truncated positions are gone.</summary>
public sealed class CanvasTests
{
    private const int Mask = 99;

    [Fact]
    public void Begins_all_masked()
    {
        var canvas = new Canvas(3, Mask);
        Assert.Equal([Mask, Mask, Mask], canvas.Ids.ToArray());
        Assert.Equal(0, canvas.Committed);
        Assert.True(canvas.HasMask(0, 3));
    }

    [Fact]
    public void Counts_leading_commits_only()
    {
        var canvas = new Canvas(4, Mask);
        canvas.Commit(2, 7);
        Assert.Equal(0, canvas.Committed);
        canvas.Commit(0, 5);
        Assert.Equal(1, canvas.Committed);
        canvas.Commit(1, 6);
        Assert.Equal(3, canvas.Committed);
        Assert.Equal([5, 6, 7, Mask], canvas.Ids.ToArray());
        Assert.False(canvas.HasMask(0, 3));
        Assert.True(canvas.HasMask(0, 400));
        Assert.False(canvas.HasMask(4, 8));
    }

    [Fact]
    public void A_commit_is_for_good()
    {
        var canvas = new Canvas(2, Mask);
        canvas.Commit(0, 5);
        Assert.Throws<InvalidOperationException>(() => canvas.Commit(0, 6));
        Assert.Throws<InvalidOperationException>(() => canvas.Commit(1, Mask));
        Assert.Throws<InvalidOperationException>(() => canvas.Commit(2, 6));
        Assert.Equal([5, Mask], canvas.Ids.ToArray());
    }

    [Fact]
    public void A_cut_only_shortens()
    {
        var canvas = new Canvas(4, Mask);
        canvas.Commit(3, 7);
        canvas.Cut(2);
        canvas.Cut(3);
        Assert.Equal(2, canvas.Length);
        Assert.Equal([Mask, Mask], canvas.Ids.ToArray());
        Assert.Throws<InvalidOperationException>(() => canvas.Commit(3, 8));
        canvas.Cut(0);
        Assert.False(canvas.HasMask(0, 4));
        Assert.Equal(0, canvas.Committed);
    }

    [Fact]
    public void Has_at_least_one_position() => Assert.Throws<ArgumentOutOfRangeException>(() => new Canvas(0, Mask));
}
