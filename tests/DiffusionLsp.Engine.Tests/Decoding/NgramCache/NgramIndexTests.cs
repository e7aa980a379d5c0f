using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>The index over the file, on sequences small enough to read.</summary>
public sealed class NgramIndexTests
{
    [Fact]
    public void The_longest_match_decides()
    {
        var index = new NgramIndex([1, 2, 3, 9, 2, 4], []);
        NgramMatch found = index.Find([7, 1, 2])!;
        Assert.Equal((2, 1), (found.Length, found.Count)); // 1 2 → 3, not 9 2 → 4
        Assert.Equal([(3, 1.0)], found.Followers);
    }

    [Fact]
    public void Matches_of_equal_length_share_by_how_often_they_occur()
    {
        NgramMatch found = new NgramIndex([5, 6, 0, 5, 6, 1, 5, 7], []).Find([5])!;
        Assert.Equal((1, 3), (found.Length, found.Count));
        Assert.Equal([(6, 2 / 3.0), (7, 1 / 3.0)], found.Followers);
    }

    [Fact]
    public void The_text_after_the_hole_counts_and_no_match_reaches_across_it()
    {
        var index = new NgramIndex([1, 2], [3, 4, 5]);
        Assert.Equal([(5, 1.0)], index.Find([3, 4])!.Followers);
        Assert.Null(index.Find([1, 2])); // the last token before the hole has no follower: the hole is there
    }

    [Fact]
    public void A_token_that_the_file_does_not_hold_recalls_nothing()
    {
        var index = new NgramIndex([1, 2, 3], [4]);
        Assert.Null(index.Find([8]));
        Assert.Null(index.Find([]));
        Assert.Null(new NgramIndex([], []).Find([1]));
    }

    [Fact]
    public void A_match_is_counted_up_to_its_limit()
    {
        int[] text = [.. Enumerable.Range(0, 40)];
        Assert.Equal(NgramIndex.MaxMatch, new NgramIndex(text, []).Find(text.AsSpan(0, 30))!.Length);
    }

    [Fact]
    public void Only_the_nearest_tokens_are_kept()
    {
        int[] filler = new int[NgramIndex.MaxTokens];
        Assert.Null(new NgramIndex([1, 2, .. filler], []).Find([1]));
        Assert.Null(new NgramIndex([], [.. filler, 1, 2]).Find([1]));
    }
}
