using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Blocks stay inside the row, are whole, and weigh exactly the rows whose next token is hidden.</summary>
public sealed class NoisedBlocksTests
{
    private const long Mask = 999;

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void BlocksAreContiguousAndInside(int seed)
    {
        NoisedBlocks blocks = NoisedBlocks.Choose(256, 100, 32, new Random(seed));
        Assert.Equal(100, blocks.Positions.Length);
        Assert.Equal(100, blocks.Positions.Distinct().Count());
        foreach (var block in blocks.Positions.Zip(blocks.Starts).GroupBy(p => p.Second))
        {
            Assert.Equal(Enumerable.Range(block.Key, block.Count()), block.Select(p => p.First));
            Assert.InRange(block.Count(), 1, 31);
            Assert.InRange(block.Key, 1, 254);
        }
    }

    [Fact]
    public void ARowWeighsIfItsNextTokenIsHidden()
    {
        var random = new Random(5);
        long[] clean = [.. Enumerable.Range(0, 64).Select(i => (long)i)];
        NoisedBlocks blocks = NoisedBlocks.Choose(clean.Length, 40, 16, random);
        var inputs = new long[blocks.Positions.Length];
        var weights = new float[blocks.Positions.Length];
        blocks.Noise(clean, Mask, 1, random, inputs, weights);
        for (int i = 0; i < inputs.Length; i++)
        {
            bool first = blocks.Positions[i] == blocks.Starts[i];
            Assert.True(inputs[i] == Mask || (!first && inputs[i] == clean[blocks.Positions[i]]));
            bool last = i + 1 == inputs.Length || blocks.Starts[i + 1] != blocks.Starts[i];
            Assert.Equal(last || inputs[i + 1] == Mask ? 1 : 0, weights[i]);
        }
        Assert.Contains(inputs, id => id == Mask);
        Assert.Contains(inputs, id => id != Mask);
    }

    [Fact]
    public void TheWeightIsTheInverseRatioUpToItsLimit()
    {
        var random = new Random(7);
        long[] clean = new long[512];
        NoisedBlocks blocks = NoisedBlocks.Choose(clean.Length, 400, 32, random);
        var weights = new float[blocks.Positions.Length];
        blocks.Noise(clean, Mask, 4, random, new long[weights.Length], weights);
        Assert.All(weights.Where(w => w > 0), w => Assert.InRange(w, 1, 4));
        Assert.Contains(weights, w => w is > 1.01f and < 3.99f);
    }
}
