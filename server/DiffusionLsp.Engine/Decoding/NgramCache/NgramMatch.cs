namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>What followed the longest earlier match of a context's end.</summary>
/// <param name="Length">Its length in tokens, 1 to <see cref="NgramIndex.MaxMatch"/>.</param>
/// <param name="Count">How often it occurred.</param>
/// <param name="Followers">Tokens that followed it with their shares, the commonest first.</param>
internal sealed record NgramMatch(int Length, int Count, IReadOnlyList<(int Token, double Share)> Followers)
{
    /// <summary>The match with these followers; null: there are none.</summary>
    public static NgramMatch? Of(int length, IReadOnlyCollection<int> followers)
    {
        if (followers.Count == 0) return null;
        double total = followers.Count;
        return new NgramMatch(length, followers.Count, [.. followers.CountBy(f => f).Select(f => (f.Key, f.Value / total)).OrderByDescending(f => f.Item2).ThenBy(f => f.Key)]);
    }
}
