using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>The control on token sequences small enough to see what it must say.</summary>
public sealed class FileNgramModelTests
{
    [Fact]
    public void The_longest_match_decides()
    {
        // After (1 2) came 3, after (9 2) came 4 twice.
        var model = new FileNgramModel([1, 2, 3, 9, 2, 4, 9, 2, 4, 0], []);
        Assert.Equal(3, model.Next([1, 2]));
        Assert.Equal(4, model.Next([9, 2]));
        Assert.Equal(4, model.Next([7, 2])); // unknown before it: the commoner follower of 2
    }

    [Fact]
    public void Of_equally_common_followers_the_nearest_to_the_hole_wins()
    {
        Assert.Equal(6, new FileNgramModel([1, 5, 1, 6, 0], []).Next([1]));
        Assert.Equal(7, new FileNgramModel([], [0, 1, 7, 1, 8]).Next([1]));
        Assert.Equal(8, new FileNgramModel([1, 7, 0, 0, 0, 0, 0, 0], [1, 8]).Next([1]));
    }

    [Fact]
    public void Text_after_the_hole_counts_too() => Assert.Equal(4, new FileNgramModel([1, 2], [3, 1, 2, 4]).Next([1, 2]));

    [Fact]
    public void No_match_reaches_across_the_hole() => Assert.Equal(2, new FileNgramModel([1, 2], [3, 2]).Next([2])); // 2 is followed by nothing; 2 is commonest

    [Fact]
    public void The_order_limits_the_match()
    {
        int[] before = [1, 2, 3, 4, 7, 3, 4, 8, 3, 4, 8, 0];
        Assert.Equal(7, new FileNgramModel(before, [], order: 4).Next([2, 3, 4]));
        Assert.Equal(8, new FileNgramModel(before, [], order: 3).Next([2, 3, 4])); // sees only (3 4)
        Assert.Equal(3, new FileNgramModel([3, 3, 4], [], order: 1).Next([4])); // the commonest token
    }

    [Fact]
    public void An_unknown_token_backs_off_to_the_commonest() => Assert.Equal(2, new FileNgramModel([1, 2, 3, 2], []).Next([99]));

    [Fact]
    public void An_empty_file_says_nothing()
    {
        var model = new FileNgramModel([], []);
        Assert.Null(model.Next([1]));
        Assert.Empty(model.Continue(10, _ => false, 4));
    }

    [Fact]
    public void Continues_a_repeated_line_to_its_end()
    {
        const int newLine = 0;
        int[] line = [5, 6, 7, 8, newLine];
        var model = new FileNgramModel([.. line, 1, 2, newLine, 5, 6], [newLine, 9]);
        Assert.Equal([7, 8, newLine], model.Continue(64, id => id == newLine, 4));
    }

    [Fact]
    public void Stops_where_it_has_written_the_text_after_the_hole()
    {
        int[] block = [5, 6, 7, 8, 30, 31, 32, 33];
        var model = new FileNgramModel([.. block, 1, 5], [30, 31, 32, 33, 2]);
        Assert.Equal([6, 7, 8], model.Continue(64, _ => false, 4));
    }

    [Fact]
    public void Never_writes_more_than_the_limit() => Assert.Equal(10, new FileNgramModel([1, 1, 1, 1], []).Continue(10, _ => false, 4).Length);
}
