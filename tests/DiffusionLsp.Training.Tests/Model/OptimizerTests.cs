using DiffusionLsp.Engine.Native;
using DiffusionLsp.Training.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Muon's step is orthogonal whatever the gradient's scale; AdamW's first step has the learning rate's size.</summary>
public sealed class OptimizerTests
{
    private const string Up = "model.layers.0.mlp.up_proj.weight", Down = "model.layers.1.mlp.down_proj.weight";

    [Theory, InlineData(Up, 24, 8), InlineData(Down, 8, 24)]
    public void MuonStepsAlongAllSingularDirections(string name, int rows, int columns)
    {
        (Tensor before, Tensor after) = OneStep(name, [name], 1e-3);
        Assert.Equal([rows, columns], before.shape);
        double scale = 0.1 * Math.Sqrt(Math.Max(1, rows / (double)columns));
        double[] singular = [.. linalg.svdvals(((before - after) / scale).to(ScalarType.Float64)).data<double>()];
        Assert.Equal(8, singular.Length);
        Assert.All(singular, s => Assert.InRange(s, 0.5, 1.5)); // five Newton–Schulz steps bring them near 1, not to it
    }

    /// <summary>A matrix steps in company as if all other gradients were 0, also where one worker updates each layer.</summary>
    [Theory, InlineData(1), InlineData(2)]
    public void MatricesStepAsIfAlone(int workers)
    {
        foreach (string name in new[] { Up, Down, "model.layers.1.self_attn.k_proj.weight", "model.embed_tokens.weight", "model.layers.0.self_attn.q_norm.weight" })
        {
            (Tensor start, Tensor alone) = OneStep(name, [name], 3);
            (_, Tensor together) = OneStep(name, null, 3, workers);
            Assert.InRange((alone - together).abs().max().item<float>(), 0, 1e-5f);
            Assert.True((alone - start).abs().max().item<float>() > 1e-3f);
        }
    }

    [Fact]
    public void AdamStepsByTheLearningRate()
    {
        (Tensor before, Tensor after) = OneStep("model.norm.weight", null, 3);
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

    /// <param name="name">The parameter to look at.</param>
    /// <param name="moved">Parameters with a gradient; null: all.</param>
    private static (Tensor Before, Tensor After) OneStep(string name, string[]? moved, double gradientScale, int workers = 1)
    {
        NativeBackend.Load();
        using var generator = new Generator(1, CPU); // not the global one, which tests in parallel use too
        TrainingOptions options = TinyTraining.Options(64) with { WarmupSteps = 0, DecaySteps = 0, WeightDecay = 0, MatrixLearningRate = 0.1, LearningRate = 0.02 };
        options = options with { Model = options.Model with { HiddenSize = 8, IntermediateSize = 24, HeadSize = 4 } };
        using var parameters = new ParameterBuffer(options.Model, 1, CPU);
        using var optimizer = new Optimizer(options, parameters.Layout, CPU);
        Tensor before = parameters.ByName[name].clone(), gradient = zeros(parameters.Layout.Length);
        foreach ((string other, FlatPlace place) in parameters.Layout.Parameters)
        {
            Tensor own = randn(place.Shape, generator: generator) * gradientScale;
            if (moved?.Contains(other) is not false) place.Of(gradient).copy_(own);
        }
        for (int worker = 0; worker < workers; worker++) optimizer.Update(parameters.Flat, gradient, (0, 1), parameters.Layout.Share(worker, workers));
        return (before, parameters.ByName[name].clone());
    }
}
