using System.Diagnostics;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>What a forward costs on this device: a fixed part and a part per row. It decides how long a draft may be.</summary>
/// <param name="Fixed">Milliseconds of a forward without rows.</param>
/// <param name="PerRow">Milliseconds per row, above 0.</param>
internal readonly record struct RowCost(double Fixed, double PerRow)
{
    private const int Context = 64, Rows = 8, Repetitions = 6;

    /// <summary>
    /// Forwards of one row and of eight behind a short context, in turns. The shortest of each counts, because other
    /// programs only ever make one longer.
    /// </summary>
    public static RowCost Measure(ModelRunner runner)
    {
        using var arena = runner.NewArena(1, Context + Rows);
        double one = double.PositiveInfinity, many = double.PositiveInfinity;
        double Timed(int first, int rows)
        {
            long start = Stopwatch.GetTimestamp();
            using (Scores scores = runner.Score(new RowPlan(new int[rows], first, first + rows, null, 0, rows), arena.Slots[0], null, CancellationToken.None)) scores.Wait();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Timed(0, Context);
        for (int i = 0; i < Repetitions; i++)
        {
            double first = Timed(Context, 1), second = Timed(Context, Rows);
            if (i == 0) continue; // warms up
            (one, many) = (Math.Min(one, first), Math.Min(many, second));
        }
        // The weights are read once for all rows, so that a further row is cheaper than the first; what is above half is noise.
        double perRow = Math.Clamp((many - one) / (Rows - 1), 0.01 * one, 0.5 * one);
        return new RowCost(Math.Max(0, one - perRow), perRow);
    }

    /// <summary>Whether as many rows more cost at most as much again: several requests are then better served together.</summary>
    public bool RowsAreCheap(int rows) => PerRow * rows <= Fixed;

    /// <summary>Milliseconds of a forward.</summary>
    public double Of(int rows) => Fixed + PerRow * rows;
}
