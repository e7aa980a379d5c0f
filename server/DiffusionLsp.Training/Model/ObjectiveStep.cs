using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// One forward and backward pass over a batch. Block-causal models use the joint objective: the clean stream read autoregressively, and
/// noised blocks that see the clean tokens before them and themselves. Bidirectional models use masked diffusion over the whole row.
/// Returns gradients; changes no parameters.
/// </summary>
internal sealed class ObjectiveStep : IDisposable
{
    private readonly TrainingOptions options;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly RotaryEmbedding rotary;
    private readonly string outputName;

    public ObjectiveStep(TrainingOptions options, Device device)
    {
        (this.options, this.device) = (options, device);
        dtype = options.Precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32;
        outputName = options.Model.TieEmbeddings ? ParameterTable.Embedding : ParameterTable.OutputLayer;
        rotary = new RotaryEmbedding(options.Model, device, dtype);
    }

    /// <param name="parameters">float32 master weights by name; not modified.</param>
    /// <returns>Gradients by parameter name (compute type or float32), owned by the caller's dispose scope; and the losses.</returns>
    public (Dictionary<string, Tensor> Gradients, StepLosses Losses) Run(IReadOnlyDictionary<string, Tensor> parameters, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var leaves = parameters.ToDictionary(p => p.Key, p => p.Value.detach().to(dtype, copy: true).requires_grad_(true));
        var (hidden, losses, hiddenGradient, outputGradient) = Losses(leaves, batch);
        hidden.backward([hiddenGradient]);

        var gradients = leaves.ToDictionary(p => p.Key, p => p.Value.grad ?? zeros_like(p.Value));
        gradients[outputName] = options.Model.TieEmbeddings ? gradients[outputName].to(ScalarType.Float32).Plus(outputGradient) : outputGradient;
        foreach (Tensor gradient in gradients.Values) gradient.MoveToOuterDisposeScope();
        return (gradients, Means(losses, batch));
    }

    /// <summary>Computes only the losses.</summary>
    public StepLosses Evaluate(IReadOnlyDictionary<string, Tensor> parameters, TrainingBatch batch)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Means(Losses(parameters.ToDictionary(p => p.Key, p => p.Value.to(dtype)), batch).Losses, batch);
    }

    /// <summary>The loss of every scored row: clean rows in order, then noised ones.</summary>
    internal float[] RowLosses(IReadOnlyDictionary<string, Tensor> parameters, TrainingBatch batch)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Losses(parameters.ToDictionary(p => p.Key, p => p.Value.to(dtype)), batch).Losses.cpu().data<float>().ToArray();
    }

    private (Tensor Hidden, Tensor Losses, Tensor HiddenGradient, Tensor OutputGradient) Losses(IReadOnlyDictionary<string, Tensor> weights, TrainingBatch batch)
    {
        using var model = new Transformer(options.Model, weights, rotary);
        var ids = tensor(batch.Ids, device: device).view(batch.Rows, -1);
        var hidden = model.Forward(ids, tensor(batch.Positions, device: device), Attention(batch)).flatten(0, 1).index_select(0, tensor(batch.ScoredRows, device: device)); // (N, D)
        var (losses, hiddenGradient, outputGradient) = LinearCrossEntropy.Compute(
            hidden.detach(), weights[outputName].detach(), tensor(batch.Labels, device: device), tensor(batch.Weights, device: device));
        return (hidden, losses, hiddenGradient, outputGradient);
    }

    private AttentionScope Attention(TrainingBatch batch) =>
        batch.BlockStarts is null ? AttentionScope.Full : new AttentionScope(null, Visible(batch.BlockStarts), true) { CausalRows = options.RowTokens };

    /// <summary>(N, T + N): a noised row sees the clean tokens before its block, and its block.</summary>
    private Tensor? Visible(long[] blockStarts)
    {
        if (blockStarts.Length == 0) return null;
        var starts = tensor(blockStarts, device: device);
        var context = HeldScalars.Range(0, options.RowTokens, device).unsqueeze(0) < starts.unsqueeze(1); // (N, T)
        var own = starts.unsqueeze(0) == starts.unsqueeze(1); // (N, N)
        return cat([context, own], dim: 1);
    }

    private static StepLosses Means(Tensor losses, TrainingBatch batch)
    {
        float[] all = losses.cpu().data<float>().ToArray();
        return new StepLosses(all.Take(batch.AutoregressiveRows).DefaultIfEmpty().Average(), all.Skip(batch.AutoregressiveRows).DefaultIfEmpty().Average());
    }

    public void Dispose() => rotary.Dispose();
}

/// <summary>Mean negative log-likelihoods in nats per token, of clean rows and of hidden tokens; 0 if there are none.</summary>
internal readonly record struct StepLosses(double Autoregressive, double Diffusion);
