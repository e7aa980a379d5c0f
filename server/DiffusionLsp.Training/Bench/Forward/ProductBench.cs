using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>Times the products of a layer, and the output product, by number of rows: how much of the memory's bandwidth each reaches. It runs no forward.</summary>
internal static class ProductBench
{
    private const int FewestLaunches = 8; // per pass, so that waiting for the device is a small part of it

    private static readonly (string Name, string Part)[] InLayer =
    [
        ("qkv", FusedParameters.QueryKeyValue), ("o", "self_attn.o_proj.weight"), ("gate_up", FusedParameters.GateUp), ("down", "mlp.down_proj.weight"),
    ];

    /// <summary>The four products of a layer, then the output product.</summary>
    /// <param name="rows">Numbers of rows.</param>
    /// <param name="least">Time for each product and number of rows.</param>
    public static IReadOnlyList<ProductReport> Measure(NoiseModel model, DeviceClock clock, IReadOnlyList<int> rows, TimeSpan least)
    {
        ModelConfig config = model.Transformer.Config;
        var products = new List<ProductReport>();
        foreach ((string name, string part) in InLayer)
            products.Add(Measure(name, [.. Enumerable.Range(0, config.Layers).Select(layer => model.Weight(ParameterTable.Layer(layer, part)))], clock, rows, least));
        products.Add(Measure("output", [model.Weight(config.TieEmbeddings ? ParameterTable.Embedding : ParameterTable.OutputLayer)], clock, rows, least));
        return products;
    }

    /// <param name="weights">(D, I) each. They take turns, so that a cache does not hold the next one, as in a forward.</param>
    private static ProductReport Measure(string name, Tensor[] weights, DeviceClock clock, IReadOnlyList<int> rows, TimeSpan least)
    {
        using var scope = NewDisposeScope();
        (long outputs, long inputs) = (weights[0].shape[0], weights[0].shape[1]);
        int launches = Math.Max(FewestLaunches, weights.Length);
        var times = new List<ProductTime>();
        foreach (int count in rows)
        {
            Tensor x = ones([count, inputs], weights[0].dtype, weights[0].device); // (N, I)
            double seconds = Percentiles.Of(clock.Passes(least, () =>
            {
                for (int i = 0; i < launches; i++) x.Linear(weights[i % weights.Length], null).Dispose(); // (N, D)
            }), 0.5) / launches;
            times.Add(new ProductTime(count, seconds * 1e6));
        }
        return new ProductReport(name, outputs, inputs, (int)weights[0].element_size(), times);
    }
}
