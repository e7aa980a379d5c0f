namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>The continuations of the longest earlier match of a context's end.</summary>
/// <param name="Length">The match's length in tokens, 1 to <see cref="NgramIndex.MaxMatch"/>.</param>
/// <param name="Count">Number of its occurrences.</param>
/// <param name="Followers">The continuations with their shares, the most frequent first.</param>
internal sealed record NgramMatch(int Length, int Count, IReadOnlyList<(int Token, double Share)> Followers)
{
    /// <summary>A match with these continuations; null: there are none.</summary>
    public static NgramMatch? Of(int length, IReadOnlyCollection<int> followers)
    {
        if (followers.Count == 0) return null;
        double total = followers.Count;
        return new NgramMatch(length, followers.Count, [.. followers.CountBy(f => f).Select(f => (f.Key, f.Value / total)).OrderByDescending(f => f.Item2).ThenBy(f => f.Key)]);
    }
}
