namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>A layer of a network as the files of filters and confidences hold it.</summary>
internal sealed record StoredLayer(int Inputs, int Outputs, float[] Weights, float[] Biases)
{
    public static IReadOnlyList<StoredLayer> Of(FilterNetwork network) => [.. network.Layers.Select(l => new StoredLayer(l.Inputs, l.Outputs, l.Weights, l.Biases))];

    /// <summary>The network of layers that were read.</summary>
    /// <exception cref="InvalidDataException">One is null; the message is a clause.</exception>
    /// <exception cref="ArgumentException">They do not fit together; the message is a clause.</exception>
    public static FilterNetwork Network(IReadOnlyList<StoredLayer> layers) => layers.Any(l => l is null)
        ? throw new InvalidDataException("it has a layer that is null")
        : new FilterNetwork([.. layers.Select(l => new FilterLayer(l.Inputs, l.Outputs, l.Weights, l.Biases))]);
}
