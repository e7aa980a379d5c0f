using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Decoding;

/// <summary>Small models that can be read causally, and their plain autoregressive reading without any cache.</summary>
internal static class Causal
{
    public const int Mask = TinyModel.Vocabulary - 1;
    public const int End = TinyModel.Vocabulary - 2;

    /// <summary>Shifted logits and groups of one row, with and without shared key heads, q/k norms and biases.</summary>
    public static TheoryData<int> Variants => [16, 17, 18, 20, 23];

    public static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(End))];

    /// <summary>The ids, and those that may not be proposed.</summary>
    public static (int, int[]) Vocabulary => (TinyModel.Vocabulary, [Mask]);

    public static DecodeTask Task(int[] prompt, int length) => new(prompt, new Canvas(length, Mask), [], id => id == End);

    /// <summary>The output of the decoder autoregressive.</summary>
    public static int[] Autoregressive(TinyModel model, int[] prompt, int length, double temperature = 0, int seed = 0)
    {
        using var scorer = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, 256);
        DecodeTask task = Task(prompt, length);
        Driven.Fill(new DecodeLoop(task, new VanillaPolicy(), new CommittedRule(), 1), task.Canvas, scorer, Vocabulary, (temperature, seed));
        return task.Canvas.Ids.ToArray();
    }

    /// <summary>The autoregressive argmax after <paramref name="context"/>, computed without a cache; never the mask.</summary>
    public static int Argmax(TinyModel model, ReadOnlySpan<int> context)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var hidden = model.Transformer.Forward(tensor(context.ToArray().Select(i => (long)i).ToArray()).unsqueeze(0), arange(context.Length), Engine.Models.AttentionScope.Strict);
        float[] scores = model.Transformer.Logits(hidden[0, -1]).data<float>().ToArray();
        scores[Mask] = float.NegativeInfinity;
        return Array.IndexOf(scores, scores.Max());
    }
}

/// <summary>Records every step, and that no committed token ever changes.</summary>
internal sealed class StepNotes : IDecodeObserver
{
    private int[] before = [];

    public List<(int At, int Offered, int Committed, int[] Ids)> Steps { get; } = [];

    public void OnStep(StepInfo step, Canvas canvas)
    {
        Assert.NotEmpty(step.Selection.Indices);
        int[] now = canvas.Ids.ToArray();
        for (int i = 0; i < Math.Min(before.Length, now.Length); i++)
            if (before[i] != Causal.Mask) Assert.Equal(before[i], now[i]);
        before = now;
        Steps.Add((step.BlockStart, step.Proposals.Length, step.Selection.Indices.Count, now));
    }
}
