using System.Diagnostics;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>The cost of a forward on this device: a fixed part and a part per row. It limits the length of drafts.</summary>
/// <param name="Fixed">Milliseconds of a forward, apart from its rows.</param>
/// <param name="PerRow">Milliseconds per row, above 0.</param>
internal readonly record struct RowCost(double Fixed, double PerRow)
{
    private const int Context = 64, Rows = 8, Repetitions = 6;

    /// <summary>
    /// Times forwards of one row and of eight after a short context, alternately, and takes the minimum of each, because other programs
    /// can only make a forward slower.
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
        runner.Uncounted(() =>
        {
            Timed(0, Context);
            for (int i = 0; i < Repetitions; i++)
            {
                double first = Timed(Context, 1), second = Timed(Context, Rows);
                if (i == 0) continue; // warm-up
                (one, many) = (Math.Min(one, first), Math.Min(many, second));
            }
        });
        // The weights are read once for all rows, so a further row is cheaper than the first; anything above half is noise.
        double perRow = Math.Clamp((many - one) / (Rows - 1), 0.01 * one, 0.5 * one);
        return new RowCost(Math.Max(0, one - perRow), perRow);
    }

    /// <summary>Whether this many more rows at most double the cost of a forward, so that several requests are better served together.</summary>
    public bool RowsAreCheap(int rows) => PerRow * rows <= Fixed;

    /// <summary>Milliseconds of a forward with this many rows.</summary>
    public double Of(int rows) => Fixed + PerRow * rows;
}
