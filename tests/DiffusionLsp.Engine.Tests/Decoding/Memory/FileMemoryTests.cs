using DiffusionLsp.Engine.Decoding.Memory;

namespace DiffusionLsp.Engine.Tests.Decoding.Memory;

/// <summary>What the file is said to remember, on sequences small enough to read.</summary>
public sealed class FileMemoryTests
{
    [Fact]
    public void The_longest_match_decides()
    {
        var memory = new FileMemory([1, 2, 3, 9, 2, 4], []);
        Recollection found = memory.Recall([7, 1, 2])!;
        Assert.Equal((2, 1), (found.Match, found.Count)); // 1 2 → 3, not 9 2 → 4
        Assert.Equal([(3, 1.0)], found.Followers);
    }

    [Fact]
    public void Matches_of_equal_length_share_by_how_often_they_occur()
    {
        Recollection found = new FileMemory([5, 6, 0, 5, 6, 1, 5, 7], []).Recall([5])!;
        Assert.Equal((1, 3), (found.Match, found.Count));
        Assert.Equal([(6, 2 / 3.0), (7, 1 / 3.0)], found.Followers);
    }

    [Fact]
    public void The_text_after_the_hole_counts_and_no_match_reaches_across_it()
    {
        var memory = new FileMemory([1, 2], [3, 4, 5]);
        Assert.Equal([(5, 1.0)], memory.Recall([3, 4])!.Followers);
        Assert.Null(memory.Recall([1, 2])); // the last token before the hole has no follower: the hole is there
    }

    [Fact]
    public void A_token_that_the_file_does_not_hold_recalls_nothing()
    {
        var memory = new FileMemory([1, 2, 3], [4]);
        Assert.Null(memory.Recall([8]));
        Assert.Null(memory.Recall([]));
        Assert.Null(new FileMemory([], []).Recall([1]));
    }

    [Fact]
    public void A_match_is_counted_up_to_its_limit()
    {
        int[] text = [.. Enumerable.Range(0, 40)];
        Assert.Equal(FileMemory.MaxMatch, new FileMemory(text, []).Recall(text.AsSpan(0, 30))!.Match);
    }

    [Fact]
    public void Only_the_nearest_tokens_are_kept()
    {
        int[] filler = new int[FileMemory.MaxTokens];
        Assert.Null(new FileMemory([1, 2, .. filler], []).Recall([1]));
        Assert.Null(new FileMemory([], [.. filler, 1, 2]).Recall([1]));
    }
}
