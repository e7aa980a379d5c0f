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
    private readonly FlatLayout layout;
    private readonly Device device;
    private readonly RotaryEmbedding rotary;
    private readonly Tensor columns; // (1, T): 0, 1, …
    private readonly string outputName;

    public ObjectiveStep(TrainingOptions options, FlatLayout layout, Device device)
    {
        (this.options, this.layout, this.device) = (options, layout, device);
        outputName = options.Model.TieEmbeddings ? ParameterTable.Embedding : ParameterTable.OutputLayer;
        rotary = new RotaryEmbedding(options.Model, device, TypeOf(options));
        using var scope = NewDisposeScope();
        columns = HeldScalars.Range(0, options.RowTokens, device).unsqueeze(0).DetachFromDisposeScope();
    }

    /// <summary>The type of the arithmetic.</summary>
    public static ScalarType TypeOf(TrainingOptions options) => options.Precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <param name="weights">(layout.Length) in the compute type; not modified.</param>
    /// <returns>The gradient (layout.Length) float32, and the mean losses (2) float32 of clean rows and of hidden tokens, 0 if there are none. Both in
    /// the caller's dispose scope, and on the device: nothing waits for it.</returns>
    public (Tensor Gradient, Tensor Losses) Run(Tensor weights, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var leaf = weights.detach().requires_grad_(true);
        var (hidden, losses, hiddenGradient, outputGradient) = Losses(leaf, batch);
        hidden.backward([hiddenGradient]);
        using var noGradient = no_grad();
        var gradient = leaf.grad!.to(ScalarType.Float32);
        layout.Parameters[outputName].Of(gradient).PlusInPlace(outputGradient);
        return (gradient.MoveToOuterDisposeScope(), Means(losses, batch).MoveToOuterDisposeScope());
    }

    /// <summary>Computes only the losses.</summary>
    /// <param name="weights">(layout.Length), any type</param>
    public StepLosses Evaluate(Tensor weights, TrainingBatch batch)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        float[] means = Means(Losses(weights.to(TypeOf(options)), batch).Losses, batch).cpu().data<float>().ToArray();
        return new StepLosses(means[0], means[1]);
    }

    /// <summary>The loss of every scored row: clean rows in order, then noised ones.</summary>
    internal float[] RowLosses(Tensor weights, TrainingBatch batch)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Losses(weights.to(TypeOf(options)), batch).Losses.cpu().data<float>().ToArray();
    }

    private (Tensor Hidden, Tensor Losses, Tensor HiddenGradient, Tensor OutputGradient) Losses(Tensor flat, TrainingBatch batch)
    {
        var weights = layout.Weights(flat);
        using var model = new Transformer(options.Model, weights, rotary);
        var numbers = new BatchTensors(batch, device);
        var hidden = model.Forward(numbers.Ids, numbers.Positions, Attention(numbers.BlockStarts)).flatten(0, 1).index_select(0, numbers.ScoredRows); // (N, D)
        var (losses, hiddenGradient, outputGradient) = LinearCrossEntropy.Compute(hidden.detach(), weights[outputName].detach(), numbers.Labels, numbers.Weights);
        return (hidden, losses, hiddenGradient, outputGradient);
    }

    private AttentionScope Attention(Tensor? blockStarts) =>
        blockStarts is null ? AttentionScope.Full : new AttentionScope(null, Visible(blockStarts), true) { CausalRows = options.RowTokens };

    /// <summary>(N, T + N): a noised row sees the clean tokens before its block, and its block.</summary>
    private Tensor? Visible(Tensor starts)
    {
        if (starts.shape[0] == 0) return null;
        var context = columns < starts.unsqueeze(1); // (N, T)
        var own = starts.unsqueeze(0) == starts.unsqueeze(1); // (N, N)
        return cat([context, own], dim: 1);
    }

    /// <summary>(2) mean losses of clean and of other rows; 0 if there are none.</summary>
    private static Tensor Means(Tensor losses, TrainingBatch batch)
    {
        Tensor Mean(long start, long count) => count == 0 ? zeros(1, device: losses.device) : losses.narrow(0, start, count).mean([0], keepdim: true);
        return cat([Mean(0, batch.AutoregressiveRows), Mean(batch.AutoregressiveRows, batch.Labels.Length - batch.AutoregressiveRows)]);
    }

    public void Dispose()
    {
        rotary.Dispose();
        columns.Dispose();
    }
}

/// <summary>Mean negative log-likelihoods in nats per token, of clean rows and of hidden tokens; 0 if there are none.</summary>
internal readonly record struct StepLosses(double Autoregressive, double Diffusion);
