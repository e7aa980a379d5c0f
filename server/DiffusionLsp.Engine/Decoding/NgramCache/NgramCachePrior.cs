namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>The prediction of the n-gram cache over the open file and the workspace, with the weight fitted for such a match. The longer match wins; ties go to the open file.</summary>
/// <param name="file">Index of the open file.</param>
/// <param name="endOfText">Replaces every token that <paramref name="ends"/> the hole: in a single-line hole, a line break ends the text.</param>
internal sealed class NgramCachePrior(NgramIndex file, NgramCacheWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    /// <summary>A context length in tokens and the only tokens allowed right after it; null: no restriction.</summary>
    public (int Length, IReadOnlySet<int> Allowed)? First { get; init; }

    /// <summary>Index of other files; null: none.</summary>
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

    /// <summary>The winning match, and where it was found; null: none.</summary>
    public (NgramSource Source, NgramMatch Match)? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed)
    {
        NgramMatch? own = file.Find(context, allowed), other = Workspace?.Find(context, allowed);
        return other is not null && other.Length > (own?.Length ?? 0) ? (NgramSource.Workspace, other) : own is null ? null : (NgramSource.File, own);
    }
}

/// <summary>Where a match was found.</summary>
internal enum NgramSource { File, Workspace }
