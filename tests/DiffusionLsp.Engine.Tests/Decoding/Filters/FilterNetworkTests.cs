using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Tests.Decoding.Filters;

/// <summary>The arithmetic against hand-computed numbers, and what is rejected.</summary>
public sealed class FilterNetworkTests
{
    [Fact]
    public void Two_layers_by_hand()
    {
        // hidden = relu([1·2 − 1·3 + 0.5, 0·2 + 2·3 − 1]) = relu([−0.5, 5]) = [0, 5]; output = [4·0 + 3·5 − 7, −1·0 + 0.5·5 + 0.25] = [8, 2.75]
        var network = new FilterNetwork([new FilterLayer(2, 2, [1, -1, 0, 2], [0.5f, -1]), new FilterLayer(2, 2, [4, 3, -1, 0.5f], [-7, 0.25f])]);
        Assert.Equal([8f, 2.75f], network.Apply([2, 3]));
    }

    [Fact]
    public void The_last_layer_is_not_rectified() => Assert.Equal([-3f], new FilterNetwork([new FilterLayer(1, 1, [-1], [0])]).Apply([3]));

    [Fact]
    public void Layers_that_do_not_fit_are_refused()
    {
        var good = new FilterLayer(2, 2, [1, 2, 3, 4], [0, 0]);
        FilterLayer[][] bad = [[], [good with { Biases = [0] }], [good, new FilterLayer(3, 1, [1, 2, 3], [0])], [good with { Weights = [1, 2, 3, float.NaN] }], [new FilterLayer(0, 1, [], [0])], [.. Enumerable.Repeat(good, 9)]];
        Assert.All(bad, layers => Assert.Throws<ArgumentException>(() => new FilterNetwork(layers)));
    }
}
