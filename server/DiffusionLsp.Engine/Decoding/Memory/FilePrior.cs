namespace DiffusionLsp.Engine.Decoding.Memory;

/// <summary>Believes the file's memory as far as the weights say.</summary>
/// <param name="endOfText">Stands for every token that <paramref name="ends"/> the hole: in a hole of one line, a line break ends the text.</param>
internal sealed class FilePrior(FileMemory memory, MemoryWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    /// <summary>What alone may stand behind a context of so many tokens; null: anything, anywhere.</summary>
    public (int Length, IReadOnlySet<int> Allowed)? First { get; init; }

    public Belief? Next(ReadOnlySpan<int> context)
    {
        IReadOnlySet<int>? allowed = First is { } first && context.Length == first.Length ? first.Allowed : null;
        if (memory.Recall(context, allowed) is not { } recollection || weights.Of(recollection) is var weight && weight <= 0) return null;
        return new Belief(weight, [.. recollection.Followers.GroupBy(f => ends(f.Token) ? endOfText : f.Token).Select(g => (g.Key, g.Sum(f => f.Share)))]);
    }
}
