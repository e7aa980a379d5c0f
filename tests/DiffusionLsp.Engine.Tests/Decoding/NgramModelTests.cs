using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>The n-gram model is a distribution, and the same one however its text was built up.</summary>
public sealed class NgramModelTests
{
    private const int Vocabulary = 7;

    [Fact]
    public void Probabilities_are_above_0_and_sum_to_1()
    {
        var random = new Random(1);
        var model = new NgramModel(Vocabulary);
        for (int round = 0; round < 30; round++)
        {
            int[] text = Text(random, random.Next(40));
            model.Follow(text);
            double[] probability = model.Distribution(Text(random, random.Next(10)));
            Assert.All(probability, p => Assert.True(p > 0));
            Assert.Equal(1, probability.Sum(), 1e-9);
        }
    }

    [Fact]
    public void Following_edits_equals_counting_anew()
    {
        var random = new Random(2);
        var followed = new NgramModel(Vocabulary, 5);
        List<int> text = [];
        for (int round = 0; round < 60; round++)
        {
            int keep = random.Next(3) == 0 ? random.Next(text.Count + 1) : text.Count;
            text = [.. text.Take(keep), .. Text(random, random.Next(6))];
            followed.Follow([.. text]);
            var anew = new NgramModel(Vocabulary, 5);
            anew.Follow([.. text]);
            int[] context = random.Next(2) == 0 ? [.. text] : Text(random, 6);
            Assert.Equal(anew.Distribution(context), followed.Distribution(context));
            Assert.Equal(anew.Longest(context), followed.Longest(context));
        }
    }

    [Fact]
    public void The_longest_match_decides_then_frequency_then_the_latest()
    {
        var model = new NgramModel(Vocabulary);
        model.Follow([1, 2, 3, 0, 2, 4, 0, 2, 4]);
        Assert.Equal((3, 2), model.Longest([1, 2]));
        Assert.Equal((4, 1), model.Longest([5, 2]));
        Assert.Null(model.Longest([6]));
        Assert.Null(model.Longest([]));
        model.Follow([2, 3, 0, 2, 4]);
        Assert.Equal((4, 1), model.Longest([2]));
    }

    [Fact]
    public void A_bigram_text_is_learnt()
    {
        var model = new NgramModel(Vocabulary);
        model.Follow([.. Enumerable.Range(0, 60).Select(i => i % 3)]);
        Assert.True(model.Distribution([0, 1])[2] > 0.9);
    }

    [Fact]
    public void Without_text_everything_is_equally_probable() => Assert.All(new NgramModel(Vocabulary).Distribution([1, 2]), p => Assert.Equal(1.0 / Vocabulary, p));

    private static int[] Text(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(Vocabulary - 2))];
}
