using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Bench;

/// <summary>
/// <c>bench rows</c>: the cost of a decoding step by number of rows, after a filled K/V cache on one CPU thread, and of a prompt on several,
/// with libtorch and as served, alternately; and how far their scores differ.
/// </summary>
internal static class RowsBench
{
    private static readonly int[] Rows = [1, 2, 4, 8, 12, 16, 24, 32, 47];
    private static readonly int[] Prompts = [64, 128, 256, 512, 1024];

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Rows in the cache." };
        Option<int?> repeat = new("--repeat") { Description = "Forwards of each kind for each number of rows. Default: 400; quick: 40. Of prompts a tenth." };
        Option<int> threads = new("--threads") { DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, 8), Description = "Threads for prompts. Default: all cores, at most 8." };
        Option<bool> quick = new("--quick") { Description = "A look in a few seconds; no basis for claims." };
        var command = new Command("rows", "A decode step by its number of rows, through libtorch and as served (CPU).") { model, context, repeat, threads, quick };
        command.SetAction(p => Run(p.GetValue(model), Math.Max(1, p.GetValue(context)), Math.Max(1, p.GetValue(repeat) ?? (p.GetValue(quick) ? 40 : 400)), Math.Max(1, p.GetValue(threads))));
        return command;
    }

    private static int Run(string? folder, int context, int repeat, int threads)
    {
        using LoadedModel model = LoadedModel.Load(folder, "cpu"), plain = LoadedModel.Load(folder, "cpu", new LoadOptions { ThroughLibtorch = true });
        LibtorchThreads.Set(1);
        if (model.Config.Attention is not AttentionKind.BlockCausal) throw new EngineException("bench rows needs a block-causal model; name one with --model.");
        if (context + Rows[^1] > model.Config.MaxPositions) throw new EngineException($"--context is {context}; with {Rows[^1]} rows it may be at most {model.Config.MaxPositions - Rows[^1]}.");
        if (model.UsesLibtorch) Terminal.Note("This model is served through libtorch, so both columns measure the same.");
        using var libtorch = new BlockCausalScorer(plain.NewRunner(), CacheKind.Prefix, context + Rows[^1]);
        using var served = new BlockCausalScorer(model.NewRunner(), CacheKind.Prefix, context + Rows[^1]);
        var random = new Random(1);
        int[] ids = [.. Enumerable.Range(0, context + Rows[^1]).Select(_ => random.Next(model.Tokenizer.VocabularySize))];
        Console.WriteLine("| rows | libtorch, ms (median) | as served, ms (median) | times as fast |\n|---|---|---|---|".ReplaceLineEndings());
        double worst = 0;
        foreach (int rows in Rows)
        {
            Step(libtorch, ids, context, rows).Dispose(); // fills the cache
            Step(served, ids, context, rows).Dispose();
            var times = (Libtorch: new List<double>(), Served: new List<double>());
            for (int i = 0; i < repeat; i++)
            {
                Timed(libtorch, ids, context, rows, times.Libtorch);
                Timed(served, ids, context, rows, times.Served);
            }
            worst = Math.Max(worst, Difference(libtorch, served, ids, context, rows));
            double before = Percentiles.Of(times.Libtorch, 0.5), after = Percentiles.Of(times.Served, 0.5);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows} | {before:0.00} | {after:0.00} | {before / after:0.0} |"));
        }
        worst = Math.Max(worst, ReadPrompts(model, plain, Math.Max(3, repeat / 10), threads));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Largest difference of a score: {worst:0.0e+0}"));
        return 0;
    }

    /// <summary>Prompts without a cached prefix. Returns the largest difference of a score.</summary>
    private static double ReadPrompts(LoadedModel model, LoadedModel plain, int repeat, int threads)
    {
        var random = new Random(2);
        double worst = 0;
        Console.WriteLine($"\n| prompt, {threads} threads | libtorch, ms (median) | as served, ms (median) | times as fast |\n|---|---|---|---|".ReplaceLineEndings());
        foreach (int rows in Prompts.Where(rows => rows < model.Config.MaxPositions))
        {
            int[] ids = [.. Enumerable.Range(0, rows + 1).Select(_ => random.Next(model.Tokenizer.VocabularySize))];
            using var libtorch = new BlockCausalScorer(plain.NewRunner(threads), CacheKind.Prefix, rows + 1);
            using var served = new BlockCausalScorer(model.NewRunner(threads), CacheKind.Prefix, rows + 1);
            var times = (Libtorch: new List<double>(), Served: new List<double>());
            for (int i = -1; i < repeat; i++)
            {
                (double before, double after) = (Cold(libtorch), Cold(served));
                if (i < 0) continue; // the first pages in its memory
                times.Libtorch.Add(before);
                times.Served.Add(after);
            }
            libtorch.Reset();
            served.Reset();
            worst = Math.Max(worst, Difference(libtorch, served, ids, rows, 1));
            (double torch, double own) = (Percentiles.Of(times.Libtorch, 0.5), Percentiles.Of(times.Served, 0.5));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows} | {torch:0.0} | {own:0.0} | {torch / own:0.0} |"));

            double Cold(BlockCausalScorer scorer)
            {
                scorer.Reset();
                long start = Stopwatch.GetTimestamp();
                Step(scorer, ids, rows, 1).Dispose();
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }
        return worst;
    }

    private static void Timed(BlockCausalScorer scorer, int[] ids, int context, int rows, List<double> times)
    {
        long start = Stopwatch.GetTimestamp();
        Step(scorer, ids, context, rows).Dispose();
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>The largest difference of a score.</summary>
    private static double Difference(BlockCausalScorer libtorch, BlockCausalScorer served, int[] ids, int context, int rows)
    {
        using Scores expected = Step(libtorch, ids, context, rows), actual = Step(served, ids, context, rows);
        using HostScores wanted = expected.OnHost(), found = actual.OnHost();
        double worst = 0;
        for (int i = 0; i < wanted.All.Length; i++) worst = Math.Max(worst, Math.Abs(wanted.All[i] - found.All[i]));
        return worst;
    }

    private static Scores Step(BlockCausalScorer scorer, int[] ids, int context, int rows) =>
        scorer.Score(ids.AsSpan(0, context + rows), new ScoreWindow(context, context, context + rows, context + rows));
}
