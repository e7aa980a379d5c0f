using System.Diagnostics;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine;

/// <summary>How many tokens a prompt may hold.</summary>
internal static class PromptLength
{
    /// <summary>Where nobody says, on a GPU: more helps, and a forward over so many rows still takes a tenth of a second.</summary>
    public const int OnGpu = 4096;

    /// <summary>What is counted on a CPU before the model is loaded: its speed, which decides, is not known yet.</summary>
    public const int CountedOnCpu = 512;

    /// <summary>Positions that a prompt leaves for the hole.</summary>
    public const int Hole = 512;

    private const double LongestPromptMilliseconds = 300; // a keystroke that must read the whole prompt, on a CPU
    private const int ProbeRows = 32;
    private static readonly int[] Steps = [128, 256, 512, 1024, 2048, 4096]; // coarse, so that a busy moment while loading changes little

    /// <summary>What was asked for, or else what suits the model and its device; never more than its positions allow.</summary>
    /// <param name="asked">0: nothing.</param>
    public static int Of(LoadedModel model, ModelRunner runner, int asked) =>
        Of(asked, model.Description.Family.TrainedPrompt, model.Compute.IsGpu, model.Config.MaxPositions, () => MillisecondsPerRow(runner));

    /// <param name="trained">Tokens of the prompts that the family was trained with; null: as many as it has positions.</param>
    /// <param name="millisecondsPerRow">Of a prompt, on a CPU; asked for only where it decides.</param>
    public static int Of(int asked, int? trained, bool isGpu, int positions, Func<double> millisecondsPerRow)
    {
        int most = Math.Max(positions / 2, positions - Hole);
        if (asked > 0) return Math.Min(asked, most);
        int wanted = trained ?? (isGpu ? OnGpu : Affordable(millisecondsPerRow()));
        return Math.Min(wanted, most);
    }

    private static int Affordable(double millisecondsPerRow) => Steps.LastOrDefault(rows => rows * millisecondsPerRow <= LongestPromptMilliseconds, Steps[0]);

    /// <summary>The faster of two forwards over a few rows: the first also touches the weights for the first time.</summary>
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
