using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// One forward and backward pass of the joint objective over some rows: the clean stream read autoregressively, and
/// noised blocks that see the clean tokens before them and themselves. Returns gradients; changes no parameter.
/// </summary>
internal sealed class ObjectiveStep : IDisposable
{
    private readonly TrainingOptions options;
    private readonly int mask;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly RotaryEmbedding rotary;
    private readonly string outputName;

    public ObjectiveStep(TrainingOptions options, int mask, Device device)
    {
        (this.options, this.mask, this.device) = (options, mask, device);
        dtype = options.Precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32;
        outputName = options.Model.TieEmbeddings ? ParameterTable.Embedding : ParameterTable.OutputLayer;
        rotary = new RotaryEmbedding(options.Model, device, dtype);
    }

    /// <param name="parameters">float32 masters by name; not changed.</param>
    /// <param name="rows">Rows of T ids.</param>
    /// <param name="random">Source of blocks and noise.</param>
    /// <returns>Gradients by parameter name (compute type or float32), owned by the caller's dispose scope; and the losses.</returns>
    public (Dictionary<string, Tensor> Gradients, StepLosses Losses) Run(
        IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyList<long[]> rows, Random random)
    {
        using var scope = NewDisposeScope();
        var leaves = parameters.ToDictionary(p => p.Key, p => p.Value.detach().to(dtype, copy: true).requires_grad_(true));
        Batch batch = Assemble(rows, random);
        var (hidden, losses, hiddenGradient, outputGradient) = Losses(leaves, batch);
        hidden.backward([hiddenGradient]);

        var gradients = leaves.ToDictionary(p => p.Key, p => p.Value.grad ?? zeros_like(p.Value));
        gradients[outputName] = options.Model.TieEmbeddings ? gradients[outputName].to(ScalarType.Float32).Plus(outputGradient) : outputGradient;
        foreach (Tensor gradient in gradients.Values) gradient.MoveToOuterDisposeScope();
        return (gradients, Means(losses, batch));
    }

    /// <summary>The losses alone.</summary>
    public StepLosses Evaluate(IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyList<long[]> rows, Random random)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Batch batch = Assemble(rows, random);
        return Means(Losses(parameters.ToDictionary(p => p.Key, p => p.Value.to(dtype)), batch).Losses, batch);
    }

    /// <summary>The loss of every scored row: clean rows in order, then noised ones.</summary>
    internal float[] RowLosses(IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyList<long[]> rows, Random random)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Losses(parameters.ToDictionary(p => p.Key, p => p.Value.to(dtype)), Assemble(rows, random)).Losses.cpu().data<float>().ToArray();
    }

    private (Tensor Hidden, Tensor Losses, Tensor HiddenGradient, Tensor OutputGradient) Losses(IReadOnlyDictionary<string, Tensor> weights, Batch batch)
    {
        using var model = new Transformer(options.Model, weights, rotary);
        var attention = new AttentionScope(null, batch.Mask, true) { CausalRows = options.RowTokens };
        var hidden = model.Forward(batch.Ids, batch.Positions, attention).flatten(0, 1).index_select(0, batch.LossRows); // (N, D)
        var (losses, hiddenGradient, outputGradient) = LinearCrossEntropy.Compute(hidden.detach(), weights[outputName].detach(), batch.Labels, batch.Weights);
        return (hidden, losses, hiddenGradient, outputGradient);
    }

    private sealed record Batch(Tensor Ids, Tensor Positions, Tensor? Mask, Tensor LossRows, Tensor Labels, Tensor Weights, int AutoregressiveRows);

    private Batch Assemble(IReadOnlyList<long[]> rows, Random random)
    {
        int length = options.RowTokens;
        NoisedBlocks blocks = NoisedBlocks.Choose(length, (int)(length * options.NoisedFraction), options.BlockLength, random);
        int noised = blocks.Positions.Length, stride = length + noised;
        var ids = new long[rows.Count * stride];
        var (lossRows, labels, weights) = (new List<long>(), new List<long>(), new List<float>());
        for (int b = 0; b < rows.Count; b++)
        {
            rows[b].CopyTo(ids, b * stride);
            for (int p = 0; p + 1 < length; p++) Add(b * stride + p, rows[b][p + 1], 1f / (rows.Count * (length - 1)));
        }
        int autoregressive = lossRows.Count;
        var noise = new float[noised];
        for (int b = 0; b < rows.Count; b++)
        {
            blocks.Noise(rows[b], mask, options.MaxInverseRatio, random, ids.AsSpan(b * stride + length, noised), noise);
            for (int i = 0; i < noised; i++)
                if (noise[i] > 0) Add(b * stride + length + i, rows[b][blocks.Positions[i] + 1], noise[i]);
        }
        float total = weights.Skip(autoregressive).Sum();
        for (int i = autoregressive; i < weights.Count; i++) weights[i] *= (float)options.DiffusionWeight / total;

        long[] positions = [.. Enumerable.Range(0, length).Concat(blocks.Positions).Select(p => (long)p)];
        return new Batch(tensor(ids, device: device).view(rows.Count, stride), tensor(positions, device: device), Visible(blocks),
            tensor(lossRows.ToArray(), device: device), tensor(labels.ToArray(), device: device), tensor(weights.ToArray(), device: device), autoregressive);

        void Add(long row, long label, float weight)
        {
            lossRows.Add(row);
            labels.Add(label);
            weights.Add(weight);
        }
    }

    /// <summary>(N, T + N): a noised row sees the clean tokens before its block, and its block.</summary>
    private Tensor? Visible(NoisedBlocks blocks)
    {
        if (blocks.Positions.Length == 0) return null;
        var starts = tensor(blocks.Starts.Select(s => (long)s).ToArray(), device: device);
        var context = HeldScalars.Range(0, options.RowTokens, device).unsqueeze(0) < starts.unsqueeze(1); // (N, T)
        var own = starts.unsqueeze(0) == starts.unsqueeze(1); // (N, N)
        return cat([context, own], dim: 1);
    }

    private static StepLosses Means(Tensor losses, Batch batch)
    {
        float[] all = losses.cpu().data<float>().ToArray();
        double autoregressive = all.Take(batch.AutoregressiveRows).Average();
        double diffusion = all.Length > batch.AutoregressiveRows ? all.Skip(batch.AutoregressiveRows).Average() : 0;
        return new StepLosses(autoregressive, diffusion);
    }

    public void Dispose() => rotary.Dispose();
}

/// <summary>Mean negative log likelihoods in nats per token: clean rows, and hidden tokens of noised rows.</summary>
internal readonly record struct StepLosses(double Autoregressive, double Diffusion);
