using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Bench;

/// <summary>
/// <c>bench confidence</c>: the cost of estimating a decoded completion's confidence and choosing how much of it to show. Completes the
/// typing samples as served, then scores each completion repeatedly on one thread.
/// </summary>
internal static class ConfidenceBench
{
    private const double Goal = 200; // microseconds per completion
    private const int Batches = 20, Repeat = 20;

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<bool> quick = new("--quick") { Description = "Twelve completions per file instead of sixty." };
        var command = new Command("confidence", "Cost of scoring a completion.") { model, quick };
        command.SetAction(p => Run(EmbeddedModel.FolderOr(p.GetValue(model)), p.GetValue(quick) ? 12 : 60));
        return command;
    }

    private static int Run(string folder, int completions)
    {
        ConfidenceModel model = ConfidenceFile.Load(folder);
        if (model.Network is null) Terminal.Note("This model has no confidence.json, so its own probabilities are multiplied and no network runs.");
        InfillResult[] decoded = Decode(folder, completions);
        foreach (InfillResult result in decoded) Score(model, result, Batches * Repeat); // warms up the tiered compilation
        var times = new List<(int Tokens, double Microseconds)>();
        foreach (InfillResult result in decoded)
        {
            // The median of short batches, because other work on the machine interrupts some of them.
            double[] batches = [.. Enumerable.Range(0, Batches).Select(_ => Timed(model, result) / Repeat)];
            times.Add((result.Signals!.Value.Tokens.Count, Percentiles.Of(batches, 0.5)));
        }
        Console.Out.Write(Table(times));
        return 0;
    }

    /// <summary>Single-line and multi-line completions alternately, as an editor asks for them.</summary>
    private static InfillResult[] Decode(string folder, int completions)
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { ModelFolder = folder, Device = "cpu", Threads = 1 });
        var results = new List<InfillResult>();
        Terminal.WithProgress(progress =>
        {
            foreach (TypingSample sample in TypingSample.All)
            {
                var bar = progress.AddTask(sample.Path, maxValue: completions);
                int every = Math.Max(1, sample.Typed.Length / completions);
                foreach (string prefix in sample.Prefixes.Where((_, i) => i % every == 0).Take(completions))
                {
                    bool singleLine = results.Count % 2 == 0;
                    var request = new InfillRequest { Prefix = prefix, Suffix = sample.After, Path = sample.Path, SingleLine = singleLine };
                    results.Add(engine.InfillAsync(request, new DecodeOptions { Length = singleLine ? 32 : 96 }, CancellationToken.None).GetAwaiter().GetResult());
                    bar.Increment(1);
                }
            }
        });
        return [.. results.Where(r => r.Signals is { Tokens.Count: > 0 })];
    }

    private static double Timed(ConfidenceModel model, InfillResult result)
    {
        long start = Stopwatch.GetTimestamp();
        Score(model, result, Repeat);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static void Score(ConfidenceModel model, InfillResult result, int times)
    {
        (IReadOnlyList<WrittenToken> tokens, CompletionPlace place) = result.Signals!.Value;
        for (int i = 0; i < times; i++) SuggestionCut.Length(result.Completion, model.Of(tokens, place), model.Thresholds.Balanced);
    }

    private static string Table(IReadOnlyList<(int Tokens, double Microseconds)> times)
    {
        double P(double share) => Percentiles.Of(times.Select(t => t.Microseconds), share);
        double worst = times.Max(t => t.Microseconds);
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            {times.Count} completions of {times.Min(t => t.Tokens)} to {times.Max(t => t.Tokens)} tokens, {times.Average(t => t.Tokens):F1} on average, one thread
            microseconds a completion: p50 {P(0.5):F1}, p95 {P(0.95):F1}, most {worst:F1}; a token {times.Sum(t => t.Microseconds) / times.Sum(t => t.Tokens):F2}
            goal: below {Goal:F0} microseconds: {(worst < Goal ? "reached" : "MISSED")}

            """).ReplaceLineEndings("\n");
    }
}
