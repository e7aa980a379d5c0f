using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>The objective leaks nothing: no row learns from a token that it will not see when it serves.</summary>
public sealed class ObjectiveStepTests
{
    private const int Mask = 63;
    private static readonly SpecialTokens Special = new(Mask, 62, null, null, null, null, null);

    [Fact]
    public void ARowsLossDependsOnNoTokenThatItWillNotSee()
    {
        NativeBackend.Load();
        using var scope = NewDisposeScope();
        TrainingOptions options = TinyTraining.Options(64) with { RowTokens = 64, Seed = 4 };
        using var parameters = new ParameterBuffer(options.Model, options.Seed, CPU);
        parameters.Flat.add_(randn(parameters.Flat.shape) * 0.05); // zero projections would hide a leak
        using var step = new ObjectiveStep(options, parameters.Layout, CPU);
        long[] row = [.. Enumerable.Range(0, 64).Select(i => (long)(i * 7 % 60))];
        (int Position, int Start)[] noised = ScoredNoisedRows(options, row, seed: 1);

        foreach (int changed in noised.Select(r => r.Start).Distinct()) // a block's first token is fed as a mask
        {
            long[] other = [.. row];
            other[changed] = (other[changed] + 1) % 60;
            float[] before = step.RowLosses(parameters.Flat, TrainingBatch.Create(options, Special, [row], new Random(1))), after = step.RowLosses(parameters.Flat, TrainingBatch.Create(options, Special, [other], new Random(1)));
            for (int i = 0; i < before.Length; i++)
            {
                bool differs = Math.Abs(before[i] - after[i]) > 1e-6;
                bool clean = i < row.Length - 1;
                int position = clean ? i : noised[i - (row.Length - 1)].Position;
                bool sees = clean ? changed <= position : changed < noised[i - (row.Length - 1)].Start;
                bool scores = position + 1 == changed;
                Assert.True(!differs || sees || scores, $"token {changed} reaches {(clean ? "clean" : "noised")} row {position}");
                Assert.True(differs || !scores, $"row {position} is scored against token {changed}");
            }
        }
    }

    [Fact]
    public void ABidirectionalModelDoesNotSeeWhatItHasToFind()
    {
        NativeBackend.Load();
        using var scope = NewDisposeScope();
        TrainingOptions options = TinyTraining.Options(64) with { RowTokens = 64 };
        options = options with { Model = options.Model with { Attention = AttentionKind.Full } };
        using var parameters = new ParameterBuffer(options.Model, options.Seed, CPU);
        parameters.Flat.add_(randn(parameters.Flat.shape) * 0.05);
        using var step = new ObjectiveStep(options, parameters.Layout, CPU);
        long[] row = [.. Enumerable.Range(0, 64).Select(i => (long)(i * 7 % 60))], inputs = new long[64];
        var random = new Random(5);
        int length = random.Next(32, 65); // what the step draws from the same seed
        HiddenTokens.Hide(row.AsSpan(0, length), Special, options.MaxInverseRatio, random, inputs, new float[length]);
        int[] hidden = [.. Enumerable.Range(0, length).Where(p => inputs[p] == Mask)];
        Assert.InRange(hidden.Length, 2, 60);

        float[] before = step.RowLosses(parameters.Flat, TrainingBatch.Create(options, Special, [row], new Random(5)));
        Assert.Equal(hidden.Length, before.Length);
        for (int changed = 0; changed < length; changed++)
        {
            long[] other = [.. row];
            other[changed] = (other[changed] + 1) % 60;
            float[] after = step.RowLosses(parameters.Flat, TrainingBatch.Create(options, Special, [other], new Random(5)));
            int[] differ = [.. Enumerable.Range(0, hidden.Length).Where(i => Math.Abs(before[i] - after[i]) > 1e-6).Select(i => hidden[i])];
            if (hidden.Contains(changed)) Assert.Equal([changed], differ);
            else Assert.True(differ.Length > hidden.Length / 2, $"token {changed} is visible and reaches {differ.Length} of {hidden.Length} rows");
        }
        StepLosses losses = step.Evaluate(parameters.Flat, TrainingBatch.Create(options, Special, [row], new Random(5)));
        Assert.Equal(0, losses.Autoregressive);
        Assert.Equal(before.Average(), losses.Diffusion, 1e-4);
    }

    /// <summary>What the step draws from the same seed.</summary>
    private static (int Position, int Start)[] ScoredNoisedRows(TrainingOptions options, long[] row, int seed)
    {
        var random = new Random(seed);
        NoisedBlocks blocks = NoisedBlocks.Choose(row.Length, (int)(row.Length * options.NoisedFraction), options.BlockLength, random);
        var weights = new float[blocks.Positions.Length];
        blocks.Noise(row, Mask, options.MaxInverseRatio, random, new long[weights.Length], weights);
        return [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0).Select(i => (blocks.Positions[i], blocks.Starts[i]))];
    }
}
