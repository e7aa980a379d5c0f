using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Updates parameters: matrices inside layers with Muon (momentum, orthogonalised by a Newton–Schulz iteration; Jordan et al. 2024), and
/// everything else, or everything, with AdamW. Parameters are independent, so workers can share the table. It knows nothing of
/// losses or schedules.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const double Momentum = 0.95, Beta1 = 0.9, Beta2 = 0.98, Epsilon = 1e-10;
    private readonly TrainingOptions options;
    private readonly ScalarType iterationType;

    public Optimizer(TrainingOptions options, IReadOnlyDictionary<string, Tensor> parameters)
    {
        this.options = options;
        iterationType = options.Precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32;
        foreach ((string name, Tensor parameter) in parameters)
        {
            State[name + ".m"] = zeros_like(parameter).DetachFromDisposeScope();
            if (!UsesMuon(name, parameter)) State[name + ".v"] = zeros_like(parameter).DetachFromDisposeScope();
        }
    }

    /// <summary>Moments by parameter name with ".m" or ".v" appended; saved and restored with the checkpoint.</summary>
    public Dictionary<string, Tensor> State { get; } = [];

    /// <param name="parameters">float32 master weights by name; those with a gradient are updated.</param>
    /// <param name="gradients">float32 by name, same shapes; not kept.</param>
    /// <param name="step">0-based.</param>
    public void Update(IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyDictionary<string, Tensor> gradients, long step)
    {
        using var noGradient = no_grad();
        double schedule = options.Schedule(step);
        foreach ((string name, Tensor gradient) in gradients)
            if (!UsesMuon(name, gradient)) AdamW(name, parameters[name], gradient, options.LearningRate * schedule, step);
        // Matrices of equal shape are iterated together: individually they are too small to keep a GPU busy.
        foreach (var alike in gradients.Where(g => UsesMuon(g.Key, g.Value)).GroupBy(g => (g.Value.shape[0], g.Value.shape[1])))
            Muon([.. alike.Select(g => (parameters[g.Key], State[g.Key + ".m"], g.Value))], options.MatrixLearningRate * schedule);
    }

    private bool UsesMuon(string name, Tensor parameter) =>
        options.Optimizer == "muon" && parameter.dim() == 2 && name.StartsWith("model.layers.", StringComparison.Ordinal);

    private void Muon((Tensor Parameter, Tensor Momentum, Tensor Gradient)[] alike, double rate)
    {
        using var scope = NewDisposeScope();
        foreach (var (_, momentum, gradient) in alike) momentum.TowardsInPlace(gradient, 1 - Momentum);
        var directions = Orthogonalised(stack([.. alike.Select(a => a.Gradient.clone().TowardsInPlace(a.Momentum, Momentum))])).unbind(0); // Nesterov
        foreach (var ((parameter, _, _), direction) in alike.Zip(directions))
        {
            // A tall matrix needs larger steps for the same change of its outputs.
            double scale = Math.Sqrt(Math.Max(1, parameter.shape[0] / (double)parameter.shape[1]));
            parameter.TimesInPlace(1 - rate * options.WeightDecay).PlusInPlace(direction.to(parameter.dtype), -rate * scale);
        }
    }

    /// <summary>Five quintic Newton–Schulz steps, which bring singular values close to 1 and keep singular vectors.</summary>
    /// <param name="gradients">(N, rows, columns)</param>
    private Tensor Orthogonalised(Tensor gradients)
    {
        const double a = 3.4445, b = -4.7750, c = 2.0315;
        var x = (gradients / gradients.Squared().sum([1, 2], keepdim: true).sqrt().Plus(1e-7)).to(iterationType);
        bool tall = x.shape[1] > x.shape[2];
        if (tall) x = x.transpose(1, 2);
        for (int i = 0; i < 5; i++)
        {
            var square = x.matmul(x.transpose(1, 2));
            x = x.Times(a).Plus(square.Times(b).Plus(square.matmul(square).Times(c)).matmul(x));
        }
        return tall ? x.transpose(1, 2) : x;
    }

    private void AdamW(string name, Tensor parameter, Tensor gradient, double rate, long step)
    {
        using var scope = NewDisposeScope();
        Tensor first = State[name + ".m"], second = State[name + ".v"];
        first.TowardsInPlace(gradient, 1 - Beta1);
        second.TowardsInPlace(gradient.Squared(), 1 - Beta2);
        double correction1 = 1 - Math.Pow(Beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        if (parameter.dim() == 2) parameter.TimesInPlace(1 - rate * options.WeightDecay);
        var root = second.Times(1 / correction2).sqrt().Plus(Epsilon);
        parameter.PlusInPlace(first / root, -rate / correction1);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in State.Values) tensor.Dispose();
    }
}
