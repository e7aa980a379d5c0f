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
    /// <param name="threads">CPU threads of a forward over many rows.</param>
    public static RowCost Measure(Transformer model, int threads)
    {
        using var scorer = new BlockCausalScorer(model, CacheKind.Prefix, Context + Rows, threads);
        var sequence = new int[Context + Rows];
        double one = double.PositiveInfinity, many = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            double Timed(int rows)
            {
                long start = Stopwatch.GetTimestamp();
                int end = Context + rows;
                using (var scores = scorer.Score(sequence.AsSpan(0, end), new ScoreWindow(Context, Context, end, end))) scores.cpu().Dispose();
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
            double first = Timed(1), second = Timed(Rows);
            if (i == 0) continue; // reads the context, and warms up
            (one, many) = (Math.Min(one, first), Math.Min(many, second));
        }
        // The weights are read once for all rows, so that a further row is cheaper than the first; what is above half is noise.
        double perRow = Math.Clamp((many - one) / (Rows - 1), 0.01 * one, 0.5 * one);
        return new RowCost(Math.Max(0, one - perRow), perRow);
    }

    /// <summary>Milliseconds of a forward.</summary>
    public double Of(int rows) => Fixed + PerRow * rows;
}
