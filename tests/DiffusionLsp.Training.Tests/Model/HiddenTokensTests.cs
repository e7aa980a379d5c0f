using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>What is hidden from a bidirectional model, and what that weighs.</summary>
public sealed class HiddenTokensTests
{
    private const int Mask = 999, End = 998;

    [Theory]
    [InlineData(null)]
    [InlineData(40)]
    public void What_is_hidden_weighs_and_nothing_else_changes(int? mark)
    {
        var random = new Random(3);
        long[] clean = [.. Enumerable.Range(0, 64).Select(i => (long)i)], inputs = new long[64];
        float[] weights = new float[64];
        var (firsts, counts) = (new List<int>(), new List<int>());
        for (int round = 0; round < 400; round++)
        {
            HiddenTokens.Hide(clean, new SpecialTokens(Mask, End, null, null, mark, null, null), 20, random, inputs, weights);
            for (int p = 0; p < 64; p++)
            {
                Assert.Equal(inputs[p] == Mask ? Mask : clean[p], inputs[p]);
                Assert.Equal(inputs[p] == Mask, weights[p] > 0);
                Assert.InRange(weights[p], 0, 20);
            }
            firsts.Add(Array.IndexOf(inputs, Mask));
            counts.Add(inputs.Count(i => i == Mask));
        }
        Assert.All(firsts, f => Assert.True(f >= 1, "the first token has no row before it"));
        Assert.InRange(firsts.Count(f => f == 1), 160, 250); // half of the rows, and a few that start there by chance
        if (mark is { } at) Assert.Equal(firsts.Count, firsts.Count(f => f == 1) + firsts.Count(f => f == at + 1));
        Assert.True(firsts.Max() > (mark ?? 48) && counts.Max() > 56 && counts.Min() == 1, $"first up to {firsts.Max()}, {counts.Min()} to {counts.Max()} hidden");
    }

    [Fact]
    public void Ends_behind_the_first_weigh_as_one_token()
    {
        long[] clean = [.. Enumerable.Range(0, 20).Select(i => (long)i), .. Enumerable.Repeat((long)End, 44)], inputs = new long[64];
        float[] weights = new float[64];
        var random = new Random(4);
        for (int round = 0; round < 100; round++)
        {
            HiddenTokens.Hide(clean, new SpecialTokens(Mask, End, null, null, 9, null, null), 1, random, inputs, weights);
            Assert.All(weights[..21], w => Assert.True(w is 0 or 1));
            Assert.Equal(inputs[21..].Contains(Mask) ? 1 : 0, weights[21..].Sum(), 1e-5);
        }
    }
}
