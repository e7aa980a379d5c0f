using System.Diagnostics;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine;

/// <summary>Chooses the maximum number of prompt tokens.</summary>
internal static class PromptLength
{
    /// <summary>The default on a GPU: longer prompts help, and a forward over this many rows still takes only about 0.1 s.</summary>
    public const int OnGpu = 4096;

    /// <summary>Assumed on a CPU for the memory check, before loading reveals the speed that decides.</summary>
    public const int CountedOnCpu = 512;

    /// <summary>Positions reserved for the hole.</summary>
    public const int Hole = 512;

    private const double LongestPromptMilliseconds = 300; // on a CPU, for a keystroke that must process the whole prompt
    private const int ProbeRows = 32;
    private static readonly int[] Steps = [128, 256, 512, 1024, 2048, 4096]; // coarse, so that a busy machine during loading changes little

    /// <summary>The requested number, or else one that suits the model and its device; always limited by the model's positions.</summary>
    /// <param name="asked">Requested tokens; 0: choose.</param>
    public static int Of(LoadedModel model, ModelRunner runner, int asked) =>
        Of(asked, model.Description.Family.TrainedPrompt, model.Compute.IsGpu, model.Config.MaxPositions, () => MillisecondsPerRow(runner));

    /// <param name="trained">Prompt length that the family was trained with, in tokens; null: as many as it has positions.</param>
    /// <param name="millisecondsPerRow">Time per prompt row on a CPU; called only where it decides.</param>
    public static int Of(int asked, int? trained, bool isGpu, int positions, Func<double> millisecondsPerRow)
    {
        int most = Math.Max(positions / 2, positions - Hole);
        if (asked > 0) return Math.Min(asked, most);
        int wanted = trained ?? (isGpu ? OnGpu : Affordable(millisecondsPerRow()));
        return Math.Min(wanted, most);
    }

    private static int Affordable(double millisecondsPerRow) => Steps.LastOrDefault(rows => rows * millisecondsPerRow <= LongestPromptMilliseconds, Steps[0]);

    /// <summary>The faster of two forwards over a few rows, since the first one also pages in the weights.</summary>
    private static double MillisecondsPerRow(ModelRunner runner)
    {
        int rows = Math.Min(ProbeRows, runner.Config.MaxPositions);
        using var arena = runner.NewArena(1, rows);
        double Timed()
        {
            long start = Stopwatch.GetTimestamp();
            using Scores scores = runner.Score(new RowPlan(new int[rows], 0, rows, null, 0, 1), arena.Slots[0], null, CancellationToken.None);
            scores.Wait();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / rows;
        }
        return Math.Min(Timed(), Timed());
    }
}
