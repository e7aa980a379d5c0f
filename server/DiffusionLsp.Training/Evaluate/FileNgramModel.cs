using System.Runtime.InteropServices;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>
/// The control that knows only the file: it predicts the token that followed the longest earlier match of the last tokens, before or
/// after the hole, backing off from long matches to short ones, down to the most frequent token. It needs no training.
/// </summary>
internal sealed class FileNgramModel
{
    private readonly int[] before, after;
    private readonly int order;
    private readonly Dictionary<int, List<(int[] Sequence, int At)>> places = [];
    private readonly int? commonest;

    /// <param name="before">Tokens before the hole.</param>
    /// <param name="after">Tokens after it; no match spans the hole.</param>
    /// <param name="order">Maximum length of an n-gram, including the predicted token.</param>
    public FileNgramModel(int[] before, int[] after, int order = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        (this.before, this.after, this.order) = (before, after, order);
        foreach (int[] sequence in new[] { before, after })
            for (int i = 0; i + 1 < sequence.Length; i++)
            {
                ref List<(int[], int)>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(places, sequence[i], out _);
                (list ??= []).Add((sequence, i));
            }
        commonest = before.Concat(after).GroupBy(id => id).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Select(g => (int?)g.Key).FirstOrDefault();
    }

    /// <summary>
    /// The most frequent continuation of the longest match of the context's end; ties go to the occurrence nearest to the hole. Null: the
    /// file has no tokens.
    /// </summary>
    public int? Next(ReadOnlySpan<int> context)
    {
        if (order == 1 || context.Length == 0 || !places.TryGetValue(context[^1], out List<(int[] Sequence, int At)>? candidates)) return commonest;
        int longest = 0;
        var followers = new Dictionary<int, (int Count, int Distance)>();
        foreach ((int[] sequence, int at) in candidates)
        {
            int length = MatchLength(context, sequence, at);
            if (length < longest) continue;
            if (length > longest) followers.Clear();
            longest = length;
            int distance = ReferenceEquals(sequence, before) ? before.Length - at : at;
            (int count, int nearest) = followers.GetValueOrDefault(sequence[at + 1], (0, int.MaxValue));
            followers[sequence[at + 1]] = (count + 1, Math.Min(nearest, distance));
        }
        return followers.OrderByDescending(f => f.Value.Count).ThenBy(f => f.Value.Distance).ThenBy(f => f.Key).First().Key;
    }

    /// <summary>How many tokens ending at <paramref name="at"/> match the context's end; at most order − 1.</summary>
    private int MatchLength(ReadOnlySpan<int> context, int[] sequence, int at)
    {
        int length = 1;
        while (length < order - 1 && length <= at && length < context.Length && sequence[at - length] == context[^(length + 1)]) length++;
        return length;
    }

    /// <summary>
    /// Greedily continues the text before the hole until a token ends it, the beginning of the text after the hole has been generated (it
    /// is cut off again), or the limit is reached.
    /// </summary>
    /// <param name="ends">Whether the hole ends with this token, which is kept.</param>
    /// <param name="closingTokens">How many tokens of the text after the hole count as its beginning.</param>
    public int[] Continue(int limit, Func<int, bool> ends, int closingTokens)
    {
        var context = new List<int>(before);
        ReadOnlySpan<int> closing = after.AsSpan(0, Math.Min(closingTokens, after.Length));
        while (context.Count - before.Length < limit && Next(CollectionsMarshal.AsSpan(context)) is { } next)
        {
            context.Add(next);
            if (ends(next)) break;
            ReadOnlySpan<int> written = CollectionsMarshal.AsSpan(context)[before.Length..];
            if (closing.Length > 0 && written.Length > closing.Length && written.EndsWith(closing)) return written[..^closing.Length].ToArray();
        }
        return [.. context.Skip(before.Length)];
    }
}
