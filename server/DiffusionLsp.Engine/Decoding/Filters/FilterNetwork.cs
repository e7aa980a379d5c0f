using System.Numerics;

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

    private readonly float[][] columns; // by layer

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
        columns = [.. layers.Select(Columns)];
    }

    public IReadOnlyList<FilterLayer> Layers { get; }

    public int Inputs => Layers[0].Inputs;

    public int Outputs => Layers[^1].Outputs;

    /// <summary>One value per output: logits, no sigmoid.</summary>
    /// <param name="input">As many numbers as <see cref="Inputs"/>.</param>
    public float[] Apply(ReadOnlySpan<float> input)
    {
        float[] values = Apply(Layers[0], columns[0], input);
        for (int i = 1; i < Layers.Count; i++)
        {
            for (int j = 0; j < values.Length; j++) values[j] = Math.Max(0, values[j]);
            values = Apply(Layers[i], columns[i], values);
        }
        return values;
    }

    /// <summary>Each output sums its terms in the order of the inputs, however wide a vector is: the same bits on every machine.</summary>
    private static float[] Apply(FilterLayer layer, float[] columns, ReadOnlySpan<float> input)
    {
        float[] output = [.. layer.Biases];
        for (int i = 0; i < layer.Inputs; i++)
        {
            ReadOnlySpan<float> column = columns.AsSpan(i * layer.Outputs, layer.Outputs);
            var factor = new Vector<float>(input[i]);
            int o = 0;
            for (; o <= output.Length - Vector<float>.Count; o += Vector<float>.Count)
                (new Vector<float>(output, o) + new Vector<float>(column[o..]) * factor).CopyTo(output, o);
            for (; o < output.Length; o++) output[o] += column[o] * input[i];
        }
        return output;
    }

    /// <summary>Inputs × Outputs.</summary>
    private static float[] Columns(FilterLayer layer)
    {
        var columns = new float[layer.Weights.Length];
        for (int o = 0; o < layer.Outputs; o++)
            for (int i = 0; i < layer.Inputs; i++) columns[i * layer.Outputs + o] = layer.Weights[o * layer.Inputs + i];
        return columns;
    }
}

/// <summary>y = W x + b.</summary>
/// <param name="Weights">Outputs × Inputs, row by row.</param>
internal sealed record FilterLayer(int Inputs, int Outputs, float[] Weights, float[] Biases);
