namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>What the n-gram cache over the open file and the workspace predicts, with the weight fitted for such a match. The longer match counts, of equals the file's.</summary>
/// <param name="file">Of the open file.</param>
/// <param name="endOfText">Stands for every token that <paramref name="ends"/> the hole: in a hole of one line, a line break ends the text.</param>
internal sealed class NgramCachePrior(NgramIndex file, NgramCacheWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    /// <summary>What alone may stand behind a context of so many tokens; null: anything, anywhere.</summary>
    public (int Length, IReadOnlySet<int> Allowed)? First { get; init; }

    /// <summary>Other files; null: none.</summary>
    public WorkspaceIndex? Workspace { get; init; }

    public NgramPrediction? Next(ReadOnlySpan<int> context, TopToken network)
    {
        IReadOnlySet<int>? allowed = First is { } first && context.Length == first.Length ? first.Allowed : null;
        if (Find(context, allowed) is not var (source, match)) return null;
        (int Token, double Share)[] tokens = [.. match.Followers.GroupBy(f => ends(f.Token) ? endOfText : f.Token).Select(g => (g.Key, g.Sum(f => f.Share)))];
        TopToken top = ends(network.Token) ? network with { Token = endOfText } : network;
        double weight = weights.Of(source, match, top.Probability, tokens[0].Token == top.Token);
        return weight > 0 ? new NgramPrediction(weight, tokens) : null;
    }

    /// <summary>The match that counts, and where it was found.</summary>
    public (NgramSource Source, NgramMatch Match)? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed)
    {
        NgramMatch? own = file.Find(context, allowed), other = Workspace?.Find(context, allowed);
        return other is not null && other.Length > (own?.Length ?? 0) ? (NgramSource.Workspace, other) : own is null ? null : (NgramSource.File, own);
    }
}

/// <summary>Where a match was found.</summary>
internal enum NgramSource { File, Workspace }
