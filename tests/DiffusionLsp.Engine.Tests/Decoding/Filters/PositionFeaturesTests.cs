using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests.Decoding.Filters;

/// <summary>Features of random decodes are finite; those that can be checked by hand are correct.</summary>
public sealed class PositionFeaturesTests
{
    [Fact]
    public void Every_feature_of_every_step_is_finite()
    {
        var random = new Random(1);
        for (int round = 0; round < 50; round++)
        {
            var features = new PositionFeatures([.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(5))], id => id == 3);
            List<int> masked = [.. Enumerable.Range(16, 8)];
            for (int step = 0; masked.Count > 0; step++)
            {
                Proposal[] proposals = [.. masked.Select(p => new Proposal(p, random.Next(5), random.Next(3) / 2f, random.Next(3) / 2f, random.NextSingle() * 9))];
                float[][] rows = features.Of(proposals, new DecodeStep(16, 24, step));
                Assert.Equal(proposals.Length, rows.Length);
                Assert.All(rows, row => { Assert.Equal(PositionFeatures.Count, row.Length); Assert.All(row, v => Assert.True(float.IsFinite(v))); });
                int[] chosen = [.. Enumerable.Range(0, proposals.Length).Where(i => i == 0 || random.Next(3) == 0)];
                features.Commit(proposals, chosen);
                masked = [.. masked.Where((_, i) => !chosen.Contains(i))];
            }
        }
    }

    [Fact]
    public void A_second_step_sees_what_came_before_it()
    {
        var features = new PositionFeatures([7, 8, 9, 7, 8, 9, 7], _ => false);
        Proposal[] first = [new(0, 8, 0.9f, 0.8f, 0.1f), new(1, 9, 0.5f, 0.4f, 1), new(2, 7, 0.25f, 0.1f, 2)];
        float[][] before = features.Of(first, new DecodeStep(0, 3, 0));
        features.Commit(first, [0]);
        float[][] after = features.Of([first[1], first[2] with { TokenId = 4 }], new DecodeStep(0, 3, 1));
        Assert.Equal(0.5f, before[1][0]);
        Assert.Equal(1, before[1][6]); // the second masked position
        Assert.Equal([1f, 1f, 1f, 1f], before[2][^4..]); // "7 8 9 7" follows what stands before it every time that the prompt says so
        Assert.Equal(0, after[1][^4]); // 4 never follows 9
        int seen = PositionFeatures.Count - 20; // whether the position was proposed before, and the same
        Assert.Equal([0f, 0f], before[1][seen..(seen + 2)]);
        Assert.Equal([1f, 1f], after[0][seen..(seen + 2)]);
        Assert.Equal([1f, 0f], after[1][seen..(seen + 2)]);
        Assert.Equal(1, after[1][seen + 4]); // the leftmost was confirmed
    }

    [Theory]
    [InlineData(8, new[] { 7 }, 1, 1f)]
    [InlineData(9, new[] { 7 }, 1, 0f)]
    [InlineData(9, new[] { 3 }, 1, -1f)]
    [InlineData(9, new[] { 7, 8 }, 2, 0.5f)]
    [InlineData(9, new[] { 8 }, 2, -1f)]
    public void Shares_of_the_prompt(int token, int[] before, int context, float expected) =>
        Assert.Equal(expected, new PromptNgrams([7, 8, 9, 7, 8, 5]).Share(token, before, context));

    [Fact]
    public void Published_features_are_confidences_ones_and_padding() =>
        Assert.Equal([1f, 0.25f, 1f, 0.5f, 0f, 0f], PublishedFeatures.Of([new(9, 1, 0.25f, 0, 0), new(11, 1, 0.5f, 0, 0)], 8, 12, 6));
}
