using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Training.Filter;

/// <summary>
/// Caches the scores of one case, so that dozens of policies on the same hole compute each state of the canvas only once. Repeated states
/// still count as forwards: only time is saved.
/// </summary>
internal sealed class MemoScorer : ICanvasScorer, IDisposable
{
    private readonly Dictionary<string, Scores> scores = new(StringComparer.Ordinal);
    private ICanvasScorer? inner;

    public int Forwards { get; private set; }

    /// <summary>Number of states that were computed.</summary>
    public int Computed { get; private set; }

    /// <summary>Sets the scorer for new states and returns this one.</summary>
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
