namespace DiffusionLsp.Engine.Decoding.Memory;

/// <summary>Believes the file's memory as far as the weights say.</summary>
/// <param name="endOfText">Stands for every token that <paramref name="ends"/> the hole: in a hole of one line, a line break ends the text.</param>
internal sealed class FilePrior(FileMemory memory, MemoryWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    /// <summary>What alone may stand behind a context of so many tokens; null: anything, anywhere.</summary>
    public (int Length, int[] Allowed)? First { get; init; }

    public Belief? Next(ReadOnlySpan<int> context)
    {
        if (memory.Recall(context) is not { } recollection || weights.Of(recollection) is var weight && weight <= 0) return null;
        var tokens = recollection.Followers.GroupBy(f => ends(f.Token) ? endOfText : f.Token).Select(g => (Token: g.Key, Share: g.Sum(f => f.Share)));
        if (First is { } first && context.Length == first.Length)
        {
            tokens = [.. tokens.Where(t => first.Allowed.Contains(t.Token))];
            double rest = tokens.Sum(t => t.Share);
            if (rest == 0) return null;
            tokens = tokens.Select(t => (t.Token, t.Share / rest));
        }
        return new Belief(weight, [.. tokens]);
    }
}
