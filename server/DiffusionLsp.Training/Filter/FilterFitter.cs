using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Filter;

/// <summary>
/// Fits a small network to rows with binary cross-entropy and AdamW, and keeps the weights with the lowest validation loss. Inputs are
/// standardised in training; the resulting network takes them unscaled.
/// </summary>
internal static class FilterFitter
{
    private const int BatchRows = 2048;

    /// <param name="Layers">Linear layers.</param>
    /// <param name="Width">Width of hidden layers.</param>
    /// <param name="Rate">Learning rate.</param>
    /// <param name="Epochs">Passes over the training rows.</param>
    internal sealed record Options(int Layers, int Width, int Epochs, double Rate, int Seed);

    /// <param name="report">Called with the epoch and the validation loss.</param>
    public static FilterNetwork Fit(FilterDataset data, Options options, Action<int, double> report)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)options.Seed, CPU); // not the global one, which others may use at the same time
        (Tensor inputs, Tensor labels) = Tensors(data.Train);
        (Tensor checkInputs, Tensor checkLabels) = Tensors(data.Validation);
        var mean = inputs.mean([0]); // (F)
        var deviation = inputs.std(0, unbiased: false);
        deviation = where(deviation < tensor(1e-4f), tensor(float.PositiveInfinity), deviation); // a column that never varies in training must have no influence, whatever its value elsewhere
        inputs = inputs.Minus(mean) / deviation;
        checkInputs = checkInputs.Minus(mean) / deviation;
        int[] widths = [(int)inputs.shape[1], .. Enumerable.Repeat(options.Width, options.Layers - 1), (int)labels.shape[1]];
        (Tensor Weight, Tensor Bias)[] layers = [.. Enumerable.Range(0, options.Layers).Select(i => Layer(widths[i], widths[i + 1], generator))];
        using var optimizer = optim.AdamW(layers.SelectMany(l => new[] { (Parameter)l.Weight, (Parameter)l.Bias }), lr: options.Rate, weight_decay: 0.01);

        double best = double.PositiveInfinity;
        FilterNetwork? kept = null;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            Epoch(optimizer, layers, inputs, labels, options, epoch, generator);
            double loss = Loss(layers, checkInputs, checkLabels);
            if (loss < best) (best, kept) = (loss, Network(layers, mean, deviation));
            report(epoch + 1, loss);
        }
        return kept!;
    }

    private static void Epoch(optim.Optimizer optimizer, (Tensor Weight, Tensor Bias)[] layers, Tensor inputs, Tensor labels, Options options, int epoch, Generator generator)
    {
        using var scope = NewDisposeScope();
        var order = randperm(inputs.shape[0], generator: generator);
        long batches = (inputs.shape[0] + BatchRows - 1) / BatchRows;
        for (long i = 0; i < batches; i++)
        {
            using var step = NewDisposeScope();
            double progress = (epoch + i / (double)batches) / options.Epochs;
            foreach (var group in optimizer.ParamGroups) group.LearningRate = options.Rate * 0.5 * (1 + Math.Cos(Math.PI * progress));
            var rows = order.narrow(0, i * BatchRows, Math.Min(BatchRows, inputs.shape[0] - i * BatchRows));
            optimizer.zero_grad();
            nn.functional.binary_cross_entropy_with_logits(Forward(layers, inputs[rows]), labels[rows]).backward();
            optimizer.step();
        }
    }

    private static double Loss((Tensor, Tensor)[] layers, Tensor inputs, Tensor labels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return nn.functional.binary_cross_entropy_with_logits(Forward(layers, inputs), labels).item<float>();
    }

    private static Tensor Forward((Tensor Weight, Tensor Bias)[] layers, Tensor inputs)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            inputs = nn.functional.linear(inputs, layers[i].Weight, layers[i].Bias);
            if (i + 1 < layers.Length) inputs = nn.functional.relu(inputs);
        }
        return inputs;
    }

    private static (Tensor, Tensor) Layer(int inputs, int outputs, Generator generator)
    {
        var weight = rand([outputs, inputs], generator: generator).Plus(-0.5).Times(2 / Math.Sqrt(inputs));
        return (new Parameter(weight), new Parameter(zeros(outputs)));
    }

    private static (Tensor Inputs, Tensor Labels) Tensors(FilterRows rows) =>
        (tensor(rows.Inputs.SelectMany(r => r).ToArray(), [rows.Count, rows.Inputs[0].Length]), tensor(rows.Labels.SelectMany(r => r).ToArray(), [rows.Count, rows.Labels[0].Length]));

    /// <summary>The layers as plain numbers, with the standardisation folded in: W (x − μ) / σ + b becomes (W / σ) x + (b − W μ / σ).</summary>
    private static FilterNetwork Network((Tensor Weight, Tensor Bias)[] layers, Tensor mean, Tensor deviation)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return new FilterNetwork([.. layers.Select((l, i) =>
        {
            Tensor weight = i == 0 ? l.Weight / deviation : l.Weight;
            Tensor bias = i == 0 ? l.Bias.Minus(weight.mv(mean)) : l.Bias;
            return new FilterLayer((int)weight.shape[1], (int)weight.shape[0], Rounded(weight), Rounded(bias));
        })]);
    }

    /// <summary>Rounds to five significant digits, so that the file stays small and the evaluated weights are the shipped ones.</summary>
    private static float[] Rounded(Tensor values) => [.. values.contiguous().data<float>().ToArray()
        .Select(v => v == 0 ? 0 : (float)Math.Round(v, Math.Clamp(4 - (int)Math.Floor(Math.Log10(Math.Abs(v))), 0, 15)))];
}
