namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>What the n-gram cache over the open file predicts, with the weight fitted for such a match.</summary>
/// <param name="endOfText">Stands for every token that <paramref name="ends"/> the hole: in a hole of one line, a line break ends the text.</param>
internal sealed class NgramCachePrior(NgramIndex index, NgramCacheWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    /// <summary>What alone may stand behind a context of so many tokens; null: anything, anywhere.</summary>
    public (int Length, IReadOnlySet<int> Allowed)? First { get; init; }

    public NgramPrediction? Next(ReadOnlySpan<int> context)
    {
        IReadOnlySet<int>? allowed = First is { } first && context.Length == first.Length ? first.Allowed : null;
        if (index.Find(context, allowed) is not { } match || weights.Of(match) is var weight && weight <= 0) return null;
        return new NgramPrediction(weight, [.. match.Followers.GroupBy(f => ends(f.Token) ? endOfText : f.Token).Select(g => (g.Key, g.Sum(f => f.Share)))]);
    }
}
