using System.Numerics;

namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// A feed-forward network of linear layers with ReLU in between, in plain arithmetic: a filter is so small that a tensor library would
/// cost more than the sums. It does not know what its inputs mean.
/// </summary>
internal sealed class FilterNetwork
{
    /// <summary>Maximum number of layers.</summary>
    public const int MostLayers = 8;

    /// <summary>Maximum width of a layer.</summary>
    public const int MostWidth = 1024;

    private readonly float[][] columns; // per layer, (inputs, outputs)

    /// <exception cref="ArgumentException">The layers do not fit together or contain NaN or infinity; the message is a clause.</exception>
    public FilterNetwork(IReadOnlyList<FilterLayer> layers)
    {
        if (layers.Count is 0 or > MostLayers) throw new ArgumentException($"it has {layers.Count} layers instead of 1 to {MostLayers}");
        for (int i = 0; i < layers.Count; i++)
        {
            FilterLayer layer = layers[i];
            if (layer.Inputs is < 1 or > MostWidth || layer.Outputs is < 1 or > MostWidth) throw new ArgumentException($"layer {i + 1} has {layer.Inputs} inputs and {layer.Outputs} outputs, which is out of range");
            if (layer.Weights.Length != layer.Inputs * layer.Outputs || layer.Biases.Length != layer.Outputs)
                throw new ArgumentException($"layer {i + 1} has {layer.Weights.Length} weights and {layer.Biases.Length} biases, which is not {layer.Outputs} times {layer.Inputs}");
            if (i > 0 && layer.Inputs != layers[i - 1].Outputs) throw new ArgumentException($"layer {i + 1} takes {layer.Inputs} inputs, but the one before has {layers[i - 1].Outputs} outputs");
            if (!layer.Weights.Concat(layer.Biases).All(float.IsFinite)) throw new ArgumentException($"layer {i + 1} contains NaN or infinity");
        }
        Layers = layers;
        columns = [.. layers.Select(Columns)];
    }

    public IReadOnlyList<FilterLayer> Layers { get; }

    public int Inputs => Layers[0].Inputs;

    public int Outputs => Layers[^1].Outputs;

    /// <summary>One logit per output, without a sigmoid.</summary>
    /// <param name="input"><see cref="Inputs"/> numbers.</param>
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

    /// <summary>Each output sums its terms in the order of the inputs, whatever the vector width, so the result is bit-identical on every machine.</summary>
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

    /// <summary>The weights transposed to (inputs, outputs).</summary>
    private static float[] Columns(FilterLayer layer)
    {
        var columns = new float[layer.Weights.Length];
        for (int o = 0; o < layer.Outputs; o++)
            for (int i = 0; i < layer.Inputs; i++) columns[i * layer.Outputs + o] = layer.Weights[o * layer.Inputs + i];
        return columns;
    }
}

/// <summary>y = W x + b.</summary>
/// <param name="Weights">(outputs, inputs), row-major.</param>
/// <param name="Biases">(outputs).</param>
internal sealed record FilterLayer(int Inputs, int Outputs, float[] Weights, float[] Biases);
