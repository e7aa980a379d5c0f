namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// A feed-forward network of linear layers with ReLU between them, in plain arithmetic: a filter is so small that a
/// tensor library would cost more than the sums. It knows nothing of what its inputs mean.
/// </summary>
internal sealed class FilterNetwork
{
    /// <summary>Layers that a filter may have.</summary>
    public const int MostLayers = 8;

    /// <summary>Widest layer that a filter may have.</summary>
    public const int MostWidth = 1024;

    /// <exception cref="ArgumentException">The layers do not fit together or hold NaN or infinity; the message is a clause.</exception>
    public FilterNetwork(IReadOnlyList<FilterLayer> layers)
    {
        if (layers.Count is 0 or > MostLayers) throw new ArgumentException($"it has {layers.Count} layers instead of 1 to {MostLayers}");
        for (int i = 0; i < layers.Count; i++)
        {
            FilterLayer layer = layers[i];
            if (layer.Inputs is < 1 or > MostWidth || layer.Outputs is < 1 or > MostWidth) throw new ArgumentException($"layer {i + 1} is {layer.Inputs} wide and {layer.Outputs} high, which is out of range");
            if (layer.Weights.Length != layer.Inputs * layer.Outputs || layer.Biases.Length != layer.Outputs)
                throw new ArgumentException($"layer {i + 1} has {layer.Weights.Length} weights and {layer.Biases.Length} biases, which is not {layer.Outputs} times {layer.Inputs}");
            if (i > 0 && layer.Inputs != layers[i - 1].Outputs) throw new ArgumentException($"layer {i + 1} takes {layer.Inputs} numbers and the one before gives {layers[i - 1].Outputs}");
            if (!layer.Weights.Concat(layer.Biases).All(float.IsFinite)) throw new ArgumentException($"layer {i + 1} holds NaN or infinity");
        }
        Layers = layers;
    }

    public IReadOnlyList<FilterLayer> Layers { get; }

    public int Inputs => Layers[0].Inputs;

    public int Outputs => Layers[^1].Outputs;

    /// <summary>One value per output: logits, no sigmoid.</summary>
    /// <param name="input">As many numbers as <see cref="Inputs"/>.</param>
    public float[] Apply(ReadOnlySpan<float> input)
    {
        float[] values = input.ToArray();
        for (int i = 0; i < Layers.Count; i++)
        {
            values = Layers[i].Apply(values);
            if (i + 1 < Layers.Count)
                for (int j = 0; j < values.Length; j++) values[j] = Math.Max(0, values[j]);
        }
        return values;
    }
}

/// <summary>y = W x + b.</summary>
/// <param name="Weights">Outputs × Inputs, row by row.</param>
internal sealed record FilterLayer(int Inputs, int Outputs, float[] Weights, float[] Biases)
{
    public float[] Apply(ReadOnlySpan<float> input)
    {
        var output = new float[Outputs];
        for (int o = 0; o < Outputs; o++)
        {
            float sum = Biases[o];
            ReadOnlySpan<float> row = Weights.AsSpan(o * Inputs, Inputs);
            for (int i = 0; i < row.Length; i++) sum += row[i] * input[i];
            output[o] = sum;
        }
        return output;
    }
}
