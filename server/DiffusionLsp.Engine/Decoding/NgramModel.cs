using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// An n-gram model of one growing token sequence. Edits at the end of the sequence cost only what changed, as with the K/V cache.
/// Plain numbers, without training.
/// </summary>
/// <param name="vocabulary">Vocabulary size; ids are smaller.</param>
/// <param name="order">Maximum length of an n-gram, including the predicted token.</param>
internal sealed class NgramModel(int vocabulary, int order = 8)
{
    private const double Discount = 0.75;

    private readonly List<int> ids = [];
    private readonly int[] single = new int[vocabulary]; // count of each token
    private readonly Dictionary<ulong, List<int>> places = []; // hash of a context → ascending positions of the tokens that followed it

    public int Vocabulary => vocabulary;

    /// <summary>Updates the model to <paramref name="sequence"/>.</summary>
    public void Follow(ReadOnlySpan<int> sequence)
    {
        int same = sequence.CommonPrefixLength(CollectionsMarshal.AsSpan(ids));
        while (ids.Count > same) RemoveLast();
        foreach (int id in sequence[same..]) Append(id);
    }

    /// <summary>
    /// The most frequent continuation of the longest match of the context's end; ties go to the latest. Null: not even the last token
    /// alone has been followed by anything.
    /// </summary>
    public (int Token, int MatchLength)? Longest(ReadOnlySpan<int> context)
    {
        (int, int)? best = null;
        ulong hash = 0;
        for (int length = 1; length < order && length <= context.Length; length++)
        {
            hash = Extended(hash, context[^length]);
            if (!places.TryGetValue(hash, out List<int>? at) || at.Count == 0) break; // a longer context cannot be more frequent
            best = (Commonest(at), length);
        }
        return best;
    }

    /// <summary>
    /// The next token's distribution, by interpolated absolute discounting over all orders down to the uniform distribution. (V),
    /// every entry above 0, their sum 1.
    /// </summary>
    public double[] Distribution(ReadOnlySpan<int> context)
    {
        var result = new double[vocabulary];
        int kinds = single.Count(c => c > 0);
        for (int v = 0; v < vocabulary; v++)
            result[v] = ids.Count == 0 ? 1.0 / vocabulary : (Math.Max(single[v] - Discount, 0) + Discount * kinds / vocabulary) / ids.Count;
        ulong hash = 0;
        for (int length = 1; length < order && length <= context.Length; length++)
        {
            hash = Extended(hash, context[^length]);
            if (!places.TryGetValue(hash, out List<int>? at) || at.Count == 0) break;
            Dictionary<int, int> counts = Counts(at);
            double rest = Discount * counts.Count / at.Count;
            for (int v = 0; v < vocabulary; v++) result[v] *= rest;
            foreach ((int token, int count) in counts) result[token] += (count - Discount) / at.Count;
        }
        return result;
    }

    private int Commonest(List<int> at)
    {
        var counts = new Dictionary<int, int>();
        int best = -1, most = 0;
        for (int i = at.Count - 1; i >= 0; i--)
        {
            int token = ids[at[i]], count = counts[token] = counts.GetValueOrDefault(token) + 1;
            if (count > most) (best, most) = (token, count);
        }
        return best;
    }

    private Dictionary<int, int> Counts(List<int> at)
    {
        var counts = new Dictionary<int, int>();
        foreach (int place in at) counts[ids[place]] = counts.GetValueOrDefault(ids[place]) + 1;
        return counts;
    }

    private void Append(int id)
    {
        int place = ids.Count;
        ids.Add(id);
        single[id]++;
        ulong hash = 0;
        for (int length = 1; length < order && length <= place; length++)
        {
            hash = Extended(hash, ids[place - length]);
            ref List<int>? at = ref CollectionsMarshal.GetValueRefOrAddDefault(places, hash, out _);
            (at ??= []).Add(place);
        }
    }

    private void RemoveLast()
    {
        int place = ids.Count - 1;
        ulong hash = 0;
        for (int length = 1; length < order && length <= place; length++)
        {
            hash = Extended(hash, ids[place - length]);
            List<int> at = places[hash];
            at.RemoveAt(at.Count - 1);
            if (at.Count == 0) places.Remove(hash);
        }
        single[ids[place]]--;
        ids.RemoveAt(place);
    }

    /// <summary>The hash of a context extended by one token to the left. With 64 bits, collisions between contexts of one text are negligible.</summary>
    private static ulong Extended(ulong hash, int id)
    {
        hash = (hash + (ulong)id + 1) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
    }
}
