namespace DiffusionLsp.Engine.Decoding.Memory;

/// <summary>Believes the file's memory as far as the weights say.</summary>
/// <param name="endOfText">Stands for every token that <paramref name="ends"/> the hole: in a hole of one line, a line break ends the text.</param>
internal sealed class FilePrior(FileMemory memory, MemoryWeights weights, Func<int, bool> ends, int endOfText) : ITokenPrior
{
    public Belief? Next(ReadOnlySpan<int> context)
    {
        if (memory.Recall(context) is not { } recollection || weights.Of(recollection) is var weight && weight <= 0) return null;
        var tokens = recollection.Followers.GroupBy(f => ends(f.Token) ? endOfText : f.Token).Select(g => (g.Key, g.Sum(f => f.Share)));
        return new Belief(weight, [.. tokens]);
    }
}
