using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Training.Filter;

/// <summary>
/// Remembers the scores of one case, so that dozens of policies on the same hole compute each state of the canvas once.
/// A state that comes again counts as a forward all the same: only the waiting is saved.
/// </summary>
internal sealed class MemoScorer : ICanvasScorer, IDisposable
{
    private readonly Dictionary<string, Scores> scores = new(StringComparer.Ordinal);
    private ICanvasScorer? inner;

    public int Forwards { get; private set; }

    /// <summary>States that had to be computed.</summary>
    public int Computed { get; private set; }

    /// <summary>Uses this scorer for states that are new.</summary>
    public MemoScorer Over(ICanvasScorer scorer)
    {
        inner = scorer;
        return this;
    }

    public Scores Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        Forwards++;
        string key = $"{window.Start},{window.BlockEnd}:{string.Join(',', sequence.ToArray())}";
        if (!scores.TryGetValue(key, out Scores? known))
        {
            scores[key] = known = inner!.Score(sequence, window);
            Computed++;
        }
        return known.Copy();
    }

    public void Dispose()
    {
        foreach (Scores known in scores.Values) known.Dispose();
        scores.Clear();
    }
}
