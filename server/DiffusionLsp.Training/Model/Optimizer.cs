using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Updates parameters: matrices inside layers with Muon (momentum, orthogonalised by a Newton–Schulz iteration; Jordan et al. 2024), and
/// everything else, or everything, with AdamW. Each operator works on a whole buffer or on all matrices of one shape: individually, parameters are too
/// small to keep a GPU busy. Shares are independent, so workers can update them at the same time. It knows nothing of losses or schedules.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const double Momentum = 0.95, Beta1 = 0.9, Beta2 = 0.98, Epsilon = 1e-10;
    private readonly TrainingOptions options;
    private readonly FlatLayout layout;
    private readonly ScalarType iterationType;
    private readonly Tensor first, second; // second: (Length), elements that Muon updates left out
    private readonly long secondStart;

    public Optimizer(TrainingOptions options, FlatLayout layout, Device device)
    {
        (this.options, this.layout) = (options, layout);
        iterationType = options.Precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32;
        secondStart = UsesMuon ? layout.Matrices : 0;
        using var scope = NewDisposeScope();
        first = zeros(layout.Length, ScalarType.Float32, device).DetachFromDisposeScope();
        second = zeros(layout.Length - secondStart, ScalarType.Float32, device).DetachFromDisposeScope();
        foreach ((string name, FlatPlace place) in layout.Parameters)
        {
            State[name + ".m"] = place.Of(first).DetachFromDisposeScope();
            if (place.Offset >= secondStart) State[name + ".v"] = (place with { Offset = place.Offset - secondStart }).Of(second).DetachFromDisposeScope();
        }
    }

    /// <summary>Moments by parameter name with ".m" or ".v" appended, as views; saved and restored with the checkpoint.</summary>
    public Dictionary<string, Tensor> State { get; } = [];

    private bool UsesMuon => options.Optimizer == "muon";

    /// <summary>Updates a share of the parameters.</summary>
    /// <param name="parameters">(Length) float32 master weights</param>
    /// <param name="gradient">(Length) float32; overwritten.</param>
    /// <param name="step">0-based number, and factor of the learning rates.</param>
    public void Update(Tensor parameters, Tensor gradient, (long Number, double Rate) step, FlatShare share)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        AdamW(parameters, gradient, share.Others, options.LearningRate * step.Rate, step.Number);
        if (share.Layers == 0) return;
        if (UsesMuon) Muon(parameters, gradient, share, options.MatrixLearningRate * step.Rate);
        else AdamW(parameters, gradient, share.Matrices, options.LearningRate * step.Rate, step.Number);
    }

    private void Muon(Tensor parameters, Tensor gradient, FlatShare share, double rate)
    {
        Tensor Layers(Tensor flat) => share.Matrices.Of(flat).view(share.Layers, layout.LayerMatrices);
        Tensor own = Layers(parameters), momentum = Layers(first), direction = Layers(gradient);
        momentum.TowardsInPlace(direction, 1 - Momentum);
        direction.TowardsInPlace(momentum, Momentum); // Nesterov
        own.TimesInPlace(1 - rate * options.WeightDecay);
        foreach (MatrixStack stack in layout.Stacks)
        {
            // A tall matrix needs larger steps for the same change of its outputs.
            double scale = Math.Sqrt(Math.Max(1, stack.Rows / (double)stack.Columns));
            stack.Of(own).PlusInPlace(Orthogonalised(stack.Of(direction)), -rate * scale);
        }
    }

    /// <summary>Five quintic Newton–Schulz steps, which bring singular values close to 1 and keep singular vectors.</summary>
    /// <param name="gradients">(layers, count, rows, columns)</param>
    /// <returns>The same shape, in the type of the iteration.</returns>
    private Tensor Orthogonalised(Tensor gradients)
    {
        const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
        var x = (gradients / gradients.Squared().sum([2, 3], keepdim: true).sqrt().Plus(1e-7)).to(iterationType).flatten(0, 1); // (N, rows, columns)
        bool tall = x.shape[1] > x.shape[2];
        if (tall) x = x.transpose(1, 2);
        for (int i = 0; i < 5; i++)
        {
            var square = x.matmul(x.transpose(1, 2));
            x = x.PlusProduct(square.PlusProduct(square, square, b, c), x, a, 1);
        }
        return (tall ? x.transpose(1, 2) : x).view(gradients.shape);
    }

    private void AdamW(Tensor parameters, Tensor gradient, FlatRange range, double rate, long step)
    {
        double correction1 = 1 - Math.Pow(Beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        Tensor own = range.Of(gradient), mean = range.Of(first), square = (range with { Offset = range.Offset - secondStart }).Of(second);
        mean.TowardsInPlace(own, 1 - Beta1);
        square.TimesInPlace(Beta2).PlusProductInPlace(own, own, 1 - Beta2);
        long decayed = Math.Clamp(layout.AllMatrices - range.Offset, 0, range.Length);
        if (decayed > 0) (range with { Length = decayed }).Of(parameters).TimesInPlace(1 - rate * options.WeightDecay);
        var root = square.Times(1 / correction2).sqrt_().PlusInPlace(Epsilon);
        range.Of(parameters).PlusQuotientInPlace(mean, root, -rate / correction1);
    }

    public void Dispose()
    {
        foreach (Tensor view in State.Values) view.Dispose();
        first.Dispose();
        second.Dispose();
    }
}
