using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>
/// A step over flat buffers does what it did parameter by parameter, in fewer calls: on a GPU each is a launch, or several, that the host makes.
/// </summary>
public sealed class TrainingStepTests
{
    /// <summary>Losses (clean, hidden) after 1, 10, 20, 30, 40 and 50 steps, as commit 5e28ff9 computed them on a CPU, where every parameter had tensors of its own.</summary>
    public static TheoryData<string, double[]> Before => new()
    {
        { "muon", [4.22503, 4.28188, 1.99296, 3.04269, 1.10456, 2.40808, 0.51865, 2.18777, 0.25485, 2.01768, 0.15103, 1.46558] },
        { "adamw", [4.16659, 4.15438, 3.01052, 3.69161, 2.26406, 3.39539, 1.66299, 2.92212, 1.14222, 2.66114, 0.88504, 2.42518] },
    };

    [Theory, MemberData(nameof(Before))]
    public void Losses_are_those_of_the_step_before_buffers_were_flat(string optimizer, double[] before)
    {
        using Trainer trainer = Made(Options(optimizer));
        var after = new List<double>();
        while (trainer.Step < 50)
        {
            StepLosses losses = TinyTraining.Step(trainer).Losses;
            if (trainer.Step == 1 || trainer.Step % 10 == 0) after.AddRange(losses.Autoregressive, losses.Diffusion);
        }
        Assert.Equal(before.Length, after.Count);
        Assert.All(before.Zip(after), pair => Assert.InRange(pair.Second / pair.First, 0.999, 1.001));
    }

    /// <summary>Calls per layer of a whole step; 1,295 and 1,588 when copies, clipping and updates went parameter by parameter.</summary>
    [CountedTheory, InlineData("fp32", 700), InlineData("bf16", 940)]
    public void A_step_makes_few_calls_per_layer(string precision, int most)
    {
        long Calls(int layers)
        {
            TrainingOptions options = Options("muon") with { Workers = 1, Precision = precision };
            using Trainer trainer = Made(options with { Model = options.Model with { Layers = layers } });
            trainer.RunStep();
            return DispatcherCalls.Of(trainer.RunStep);
        }
        Assert.InRange((Calls(6) - Calls(2)) / 4, most / 2, most);
    }

    [CountedTheory, InlineData("muon"), InlineData("adamw")]
    public void An_update_makes_as_many_calls_for_many_layers_as_for_few(string optimizer)
    {
        long Calls(int layers)
        {
            TrainingOptions options = Options(optimizer);
            using var parameters = new ParameterBuffer(options.Model with { Layers = layers }, 1, CPU);
            using var update = new Optimizer(options, parameters.Layout, CPU);
            using var gradient = randn(parameters.Layout.Length);
            return DispatcherCalls.Of(() => update.Update(parameters.Flat, gradient, (0, 1), parameters.Layout.Share(0, 1)));
        }
        long few = Calls(2);
        Assert.InRange(few, 10, 800); // most of them in five iterations for each shape, where matmul calls others
        Assert.Equal(few, Calls(9));
    }

    /// <summary>Checkpoints keep the names, shapes and moments that they had, so older runs go on.</summary>
    [Theory, InlineData("muon"), InlineData("adamw")]
    public void Parameters_and_moments_are_the_tables(string optimizer)
    {
        TrainingOptions options = Options(optimizer);
        using Trainer trainer = Made(options);
        var shapes = ParameterTable.Shapes(options.Model);
        Assert.Equal(shapes.Keys, trainer.Parameters.Keys);
        Assert.All(shapes, s => Assert.Equal(s.Value, trainer.Parameters[s.Key].shape));
        bool Muon(string name) => optimizer == "muon" && name.Contains(".layers.") && shapes[name].Length == 2;
        Assert.Equal(shapes.Keys.Select(n => n + ".m").Concat(shapes.Keys.Where(n => !Muon(n)).Select(n => n + ".v")).Order(), trainer.Optimizer.State.Keys.Order());
        Assert.All(trainer.Optimizer.State, s => Assert.Equal(shapes[s.Key[..^2]], s.Value.shape));

        // Every element belongs to exactly one parameter, and what the forward reads is what the table names.
        var number = 0;
        foreach (Tensor parameter in trainer.Parameters.Values) parameter.fill_(++number);
        Assert.Equal(trainer.Parameters.Sum(p => p.Value.numel()), trainer.Layout.Length);
        using Tensor least = trainer.FlatParameters.min();
        Assert.True(least.item<float>() >= 1);
        var weights = trainer.Layout.Weights(trainer.FlatParameters);
        int At(string name) => Array.IndexOf([.. trainer.Parameters.Keys], name) + 1;
        foreach (int layer in new[] { 0, 1 })
        {
            Tensor fused = weights[ParameterTable.Layer(layer, FusedParameters.QueryKeyValue)];
            int[] expected = [.. new[] { ("q", options.Model.Heads), ("k", options.Model.KeyValueHeads), ("v", options.Model.KeyValueHeads) }
                .SelectMany(p => Enumerable.Repeat(At(ParameterTable.Layer(layer, $"self_attn.{p.Item1}_proj.weight")), p.Item2 * options.Model.HeadSize))];
            Assert.Equal(expected, fused[.., 0].data<float>().Select(v => (int)v));
        }
    }

    /// <summary>Reads happen when asked for, and are the means since then.</summary>
    [Fact]
    public void A_report_is_the_mean_since_the_last_one()
    {
        using Trainer one = Made(Options("muon")), other = Made(Options("muon"));
        var single = Enumerable.Range(0, 3).Select(_ => TinyTraining.Step(one)).ToList();
        for (int i = 0; i < 3; i++) other.RunStep();
        var (losses, norm) = other.Report();
        Assert.Equal(single.Average(s => s.Losses.Autoregressive), losses.Autoregressive, 1e-9);
        Assert.Equal(single.Average(s => s.Losses.Diffusion), losses.Diffusion, 1e-9);
        Assert.Equal(single.Average(s => s.GradientNorm), norm, 1e-9);
        Assert.Equal(TinyTraining.Step(one), TinyTraining.Step(other));
    }

    private static TrainingOptions Options(string optimizer)
    {
        TrainingOptions options = TinyTraining.Options(64) with { RowTokens = 64, BatchRows = 4, Steps = 50, WarmupSteps = 5, DecaySteps = 20 };
        return optimizer == "muon" ? options
            : options with { Workers = 1, Optimizer = "adamw", LearningRate = 0.002, Model = options.Model with { TieEmbeddings = false, QueryKeyNorm = false } };
    }

    private static Trainer Made(TrainingOptions options)
    {
        NativeBackend.Load();
        LibtorchThreads.Set(1);
        return new Trainer(options, new Rows(options.RowTokens), new SpecialTokens(63, 62, null, null, null, null, null), CPU);
    }

    private sealed class Rows(int length) : IRowSource
    {
        public long[] Row(long index) => [.. Enumerable.Range(0, length).Select(i => (index * 31 + i * (index % 5 + 1)) % 60)];
    }
}
