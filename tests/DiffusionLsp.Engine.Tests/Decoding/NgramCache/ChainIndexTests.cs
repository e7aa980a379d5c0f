using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Tests.Decoding.NgramCache;

/// <summary>The index over many texts finds what a search through all of them finds.</summary>
public sealed class ChainIndexTests
{
    private static ChainIndex Of(params int[][] texts)
    {
        var builder = new ChainIndex.Builder(16);
        foreach (int[] text in texts) builder.Add(text);
        return builder.Build();
    }

    [Fact]
    public void What_followed_the_longest_match_is_found()
    {
        NgramMatch found = Of([1, 2, 3, 4, 5], [9, 3, 4, 6], [0, 3, 4, 6]).Find([1, 2, 3, 4])!;
        Assert.Equal((4, 1), (found.Length, found.Count));
        Assert.Equal([(5, 1.0)], found.Followers);
        found = Of([1, 2, 3, 4, 5], [9, 3, 4, 6], [0, 3, 4, 6]).Find([8, 3, 4])!;
        Assert.Equal((2, 3), (found.Length, found.Count));
        Assert.Equal([(6, 2 / 3.0), (5, 1 / 3.0)], found.Followers);
    }

    [Fact]
    public void No_match_reaches_from_one_text_into_the_next_or_ends_with_a_text()
    {
        Assert.Null(Of([1, 2], [3, 4]).Find([1, 2]));
        Assert.Null(Of([1, 2], [3, 4, 5]).Find([2, 3]));
        Assert.Null(Of([1, 2, 3]).Find([2])); // one token is left to the open file
        Assert.Null(Of().Find([1, 2, 3, 4]));
    }

    [Fact]
    public void Where_nothing_allowed_followed_the_longest_match_a_shorter_one_counts()
    {
        ChainIndex index = Of([1, 2, 3, 4, 5], [8, 3, 4, 6]);
        Assert.Equal([(6, 1.0)], index.Find([1, 2, 3, 4], new HashSet<int> { 6 })!.Followers);
        Assert.Null(index.Find([1, 2, 3, 4], new HashSet<int> { 7 }));
    }

    [Fact]
    public void Places_that_are_left_out_are_not_found()
    {
        var builder = new ChainIndex.Builder(16);
        builder.Add([1, 2, 3]);
        Range own = builder.Add([1, 2, 4]);
        Assert.Equal([(3, 1.0)], builder.Build().Find([1, 2], except: own)!.Followers);
    }

    [Fact]
    public void On_random_texts_the_followers_are_those_of_an_exact_search()
    {
        var random = new Random(3);
        int[][] texts = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 60).Select(_ => random.Next(5)).ToArray())];
        ChainIndex index = Of(texts);
        for (int i = 0; i < 300; i++)
        {
            int[] context = [.. Enumerable.Range(0, 9).Select(_ => random.Next(5))];
            var all = texts.SelectMany(text => Enumerable.Range(0, text.Length - 1).Select(at => (Length: Match(context, text, at), Next: text[at + 1]))).ToArray();
            int longest = all.Max(m => m.Length);
            NgramMatch? found = index.Find(context);
            if (longest < ChainIndex.MinMatch)
            {
                Assert.Null(found);
                continue;
            }
            Assert.Equal(longest, found!.Length);
            Assert.Equal(all.Where(m => m.Length == longest).CountBy(m => m.Next).OrderBy(c => c.Key).Select(c => (c.Key, c.Value)),
                found.Followers.OrderBy(f => f.Token).Select(f => (f.Token, (int)Math.Round(f.Share * found.Count))));
        }
    }

    private static int Match(int[] context, int[] text, int at)
    {
        int length = 0;
        while (length < NgramIndex.MaxMatch && length <= at && length < context.Length && text[at - length] == context[^(length + 1)]) length++;
        return length;
    }
}
