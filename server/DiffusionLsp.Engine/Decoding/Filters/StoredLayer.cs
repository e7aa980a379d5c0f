namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>A network layer as stored in filter and confidence files.</summary>
internal sealed record StoredLayer(int Inputs, int Outputs, float[] Weights, float[] Biases)
{
    public static IReadOnlyList<StoredLayer> Of(FilterNetwork network) => [.. network.Layers.Select(l => new StoredLayer(l.Inputs, l.Outputs, l.Weights, l.Biases))];

    /// <summary>Builds the network of stored layers.</summary>
    /// <exception cref="InvalidDataException">A layer is null; the message is a clause.</exception>
    /// <exception cref="ArgumentException">The layers do not fit together; the message is a clause.</exception>
    public static FilterNetwork Network(IReadOnlyList<StoredLayer> layers) => layers.Any(l => l is null)
        ? throw new InvalidDataException("it has a layer that is null")
        : new FilterNetwork([.. layers.Select(l => new FilterLayer(l.Inputs, l.Outputs, l.Weights, l.Biases))]);
}
