using DiffusionLsp.Engine.Native;
using DiffusionLsp.Training.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Muon's step is orthogonal whatever the gradient's scale; AdamW's first step has the learning rate's size.</summary>
public sealed class OptimizerTests
{
    [Theory, InlineData(24, 8), InlineData(8, 24)]
    public void MuonStepsAlongAllSingularDirections(int rows, int columns)
    {
        (Tensor before, Tensor after) = OneStep("model.layers.0.mlp.up_proj.weight", [rows, columns], 1e-3);
        double scale = 0.1 * Math.Sqrt(Math.Max(1, rows / (double)columns));
        double[] singular = [.. linalg.svdvals(((before - after) / scale).to(ScalarType.Float64)).data<double>()];
        Assert.Equal(8, singular.Length);
        Assert.All(singular, s => Assert.InRange(s, 0.5, 1.5)); // five Newton–Schulz steps bring them near 1, not to it
    }

    [Fact]
    public void MatricesOfOneShapeStepAsIfAlone()
    {
        NativeBackend.Load();
        random.manual_seed(1);
        TrainingOptions options = TinyTraining.Options(64) with { Precision = "fp32", WarmupSteps = 0 };
        string[] names = ["model.layers.0.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight"];
        var start = names.ToDictionary(n => n, n => n.Contains("down") ? randn(8, 24) : randn(24, 8));
        var gradients = start.ToDictionary(p => p.Key, p => randn(p.Value.shape) * 3);
        var together = start.ToDictionary(p => p.Key, p => p.Value.clone());
        using var shared = new Optimizer(options, together);
        shared.Update(together, gradients, 0);
        foreach (string name in names)
        {
            var alone = new Dictionary<string, Tensor> { [name] = start[name].clone() };
            using var own = new Optimizer(options, alone);
            own.Update(alone, new Dictionary<string, Tensor> { [name] = gradients[name] }, 0);
            Assert.InRange((alone[name] - together[name]).abs().max().item<float>(), 0, 1e-5f);
            Assert.True((alone[name] - start[name]).abs().max().item<float>() > 1e-3f);
        }
    }

    [Fact]
    public void AdamStepsByTheLearningRate()
    {
        (Tensor before, Tensor after) = OneStep("model.norm.weight", [16], 3);
        Assert.All((before - after).abs().data<float>().ToArray(), step => Assert.InRange(step, 0.0199f, 0.0201f));
    }

    [Fact]
    public void ScheduleRisesStaysAndFalls()
    {
        TrainingOptions options = TinyTraining.Options(64) with { Steps = 100, WarmupSteps = 10, DecaySteps = 20 };
        Assert.Equal(0.1, options.Schedule(0), 6);
        Assert.Equal(1, options.Schedule(50), 6);
        Assert.Equal(0.5, options.Schedule(90), 6);
        Assert.Equal(0.05, options.Schedule(99), 6);
    }

    private static (Tensor Before, Tensor After) OneStep(string name, long[] shape, double gradientScale)
    {
        NativeBackend.Load();
        random.manual_seed(1);
        TrainingOptions options = TinyTraining.Options(64) with { WarmupSteps = 0, DecaySteps = 0, WeightDecay = 0, MatrixLearningRate = 0.1, LearningRate = 0.02 };
        var parameters = new Dictionary<string, Tensor> { [name] = randn(shape) };
        Tensor before = parameters[name].clone();
        using var optimizer = new Optimizer(options, parameters);
        optimizer.Update(parameters, new Dictionary<string, Tensor> { [name] = randn(shape) * gradientScale }, 0);
        return (before, parameters[name]);
    }
}
