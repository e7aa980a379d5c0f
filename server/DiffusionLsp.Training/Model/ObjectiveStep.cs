using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// One forward and backward pass over some rows. Block-causal models: the joint objective, the clean stream read
/// autoregressively and noised blocks that see the clean tokens before them and themselves. Bidirectional models: masked
/// diffusion over the whole row. Returns gradients; changes no parameter.
/// </summary>
internal sealed class ObjectiveStep : IDisposable
{
    private readonly TrainingOptions options;
    private readonly SpecialTokens special;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly RotaryEmbedding rotary;
    private readonly string outputName;

    public ObjectiveStep(TrainingOptions options, SpecialTokens special, Device device)
    {
        (this.options, this.special, this.device) = (options, special, device);
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
        var hidden = model.Forward(batch.Ids, batch.Positions, batch.Attention).flatten(0, 1).index_select(0, batch.LossRows); // (N, D)
        var (losses, hiddenGradient, outputGradient) = LinearCrossEntropy.Compute(hidden.detach(), weights[outputName].detach(), batch.Labels, batch.Weights);
        return (hidden, losses, hiddenGradient, outputGradient);
    }

    private sealed record Batch(Tensor Ids, Tensor Positions, AttentionScope Attention, Tensor LossRows, Tensor Labels, Tensor Weights, int AutoregressiveRows);

    private Batch Assemble(IReadOnlyList<long[]> rows, Random random) =>
        options.Model.Attention is AttentionKind.Full ? AssembleMasked(rows, random) : AssembleJoint(rows, random);

    private Batch AssembleMasked(IReadOnlyList<long[]> rows, Random random)
    {
        // A model that sees its whole canvas would learn from rows of one length to count from their end.
        int length = random.Next(options.RowTokens / 2, options.RowTokens + 1), shift = options.Model.LogitShift ? 1 : 0;
        var ids = new long[rows.Count * length];
        var noise = new float[length];
        var scored = new ScoredRows();
        for (int b = 0; b < rows.Count; b++)
        {
            HiddenTokens.Hide(rows[b].AsSpan(0, length), special, options.MaxInverseRatio, random, ids.AsSpan(b * length, length), noise);
            for (int p = 0; p < length; p++)
                if (noise[p] > 0) scored.Add(b * length + p - shift, rows[b][p], noise[p]);
        }
        scored.Normalise(0, 1);
        return Made(rows.Count, ids, [.. Enumerable.Range(0, length)], AttentionScope.Full, scored, 0);
    }

    private Batch AssembleJoint(IReadOnlyList<long[]> rows, Random random)
    {
        int length = options.RowTokens;
        NoisedBlocks blocks = NoisedBlocks.Choose(length, (int)(length * options.NoisedFraction), options.BlockLength, random);
        int noised = blocks.Positions.Length, stride = length + noised;
        var ids = new long[rows.Count * stride];
        var scored = new ScoredRows();
        for (int b = 0; b < rows.Count; b++)
        {
            rows[b].CopyTo(ids, b * stride);
            for (int p = 0; p + 1 < length; p++) scored.Add(b * stride + p, rows[b][p + 1], 1f / (rows.Count * (length - 1)));
        }
        int autoregressive = scored.Count;
        var noise = new float[noised];
        for (int b = 0; b < rows.Count; b++)
        {
            blocks.Noise(rows[b], special.Mask, options.MaxInverseRatio, random, ids.AsSpan(b * stride + length, noised), noise);
            for (int i = 0; i < noised; i++)
                if (noise[i] > 0) scored.Add(b * stride + length + i, rows[b][blocks.Positions[i] + 1], noise[i]);
        }
        scored.Normalise(autoregressive, (float)options.DiffusionWeight);
        var attention = new AttentionScope(null, Visible(blocks), true) { CausalRows = length };
        return Made(rows.Count, ids, [.. Enumerable.Range(0, length), .. blocks.Positions], attention, scored, autoregressive);
    }

    private Batch Made(int rows, long[] ids, int[] positions, AttentionScope attention, ScoredRows scored, int autoregressive) => new(
        tensor(ids, device: device).view(rows, -1), tensor(positions.Select(p => (long)p).ToArray(), device: device), attention,
        tensor(scored.Rows.ToArray(), device: device), tensor(scored.Labels.ToArray(), device: device), tensor(scored.Weights.ToArray(), device: device), autoregressive);

    /// <summary>Rows that are scored, what against, and their share in the loss.</summary>
    private sealed class ScoredRows
    {
        public List<long> Rows { get; } = [];
        public List<long> Labels { get; } = [];
        public List<float> Weights { get; } = [];
        public int Count => Rows.Count;

        public void Add(long row, long label, float weight)
        {
            Rows.Add(row);
            Labels.Add(label);
            Weights.Add(weight);
        }

        /// <summary>Makes the weights from <paramref name="first"/> on sum to <paramref name="total"/>.</summary>
        public void Normalise(int first, float total)
        {
            float sum = Weights.Skip(first).Sum();
            for (int i = first; i < Weights.Count; i++) Weights[i] *= total / sum;
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
        return new StepLosses(all.Take(batch.AutoregressiveRows).DefaultIfEmpty().Average(), all.Skip(batch.AutoregressiveRows).DefaultIfEmpty().Average());
    }

    public void Dispose() => rotary.Dispose();
}

/// <summary>Mean negative log likelihoods in nats per token: clean rows, and hidden tokens; 0 where there are none.</summary>
internal readonly record struct StepLosses(double Autoregressive, double Diffusion);
