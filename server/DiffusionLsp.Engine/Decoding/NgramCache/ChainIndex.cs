using System.Numerics;

namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>
/// An n-gram index of many texts: their token ids concatenated and, for each position, the previous position with the same last four and
/// the same last two tokens. A lookup takes a few microseconds, however long the texts are. Immutable; it knows no files.
/// </summary>
/// <remarks>Hash chains as in LZ77 compressors, newest first, searched up to <see cref="MostCandidates"/>. Matches of one token are left to the open file.</remarks>
internal sealed class ChainIndex
{
    /// <summary>Minimum length of a match in tokens.</summary>
    public const int MinMatch = 2;

    private const int MostCandidates = 256;
    private const int Separator = -1;

    private readonly int[] ids;
    private readonly Chain four, two;

    private ChainIndex(int[] ids, Chain four, Chain two) => (this.ids, this.four, this.two) = (ids, four, two);

    /// <summary>Number of tokens, including one separator per text.</summary>
    public int Count => ids.Length;

    /// <summary>The continuations of the longest match of the context's end, of at least <see cref="MinMatch"/> tokens; null: no match.</summary>
    /// <param name="context">The text so far; only its end matters.</param>
    /// <param name="allowed">Allowed continuations; a longest match without any gives way to a shorter one. Null: any.</param>
    /// <param name="except">Positions to ignore, such as those of the open file; null: none.</param>
    public NgramMatch? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed = null, Range? except = null)
    {
        var (start, length) = except?.GetOffsetAndLength(ids.Length) ?? (0, 0);
        return Find(four, context, allowed, start, start + length) ?? Find(two, context, allowed, start, start + length);
    }

    private NgramMatch? Find(Chain chain, ReadOnlySpan<int> context, IReadOnlySet<int>? allowed, int exceptFrom, int exceptTo)
    {
        if (context.Length < chain.Tokens) return null;
        var followers = new List<int>();
        int longest = chain.Tokens, left = MostCandidates;
        for (int at = chain.Newest(context); at >= 0 && left > 0; at = chain.Before(at))
        {
            if (at >= exceptFrom && at < exceptTo) continue;
            left--;
            int next = ids[at + 1];
            if (next == Separator || allowed?.Contains(next) is false || MatchLength(context, at) is var length && length < longest) continue;
            if (length > longest) followers.Clear();
            longest = length;
            followers.Add(next);
        }
        return NgramMatch.Of(longest, followers);
    }

    private int MatchLength(ReadOnlySpan<int> context, int at)
    {
        int length = 0;
        while (length < NgramIndex.MaxMatch && length <= at && length < context.Length && ids[at - length] == context[^(length + 1)]) length++;
        return length;
    }

    /// <summary>Builds an index text by text, so that the caller can pause in between.</summary>
    /// <param name="capacity">Expected number of tokens, plus one per text; exceeding it costs a reallocation.</param>
    public sealed class Builder(int capacity)
    {
        private readonly Chain four = new(4, capacity), two = new(2, capacity);
        private int[] ids = new int[Math.Max(16, capacity)];
        private int count;

        /// <summary>Adds a text. Of equally long matches the latest is found first, so the most relevant text comes last.</summary>
        /// <returns>The text's positions.</returns>
        public Range Add(ReadOnlySpan<int> text)
        {
            int start = count;
            count += text.Length + 1;
            if (count > ids.Length) Array.Resize(ref ids, Math.Max(count, 2 * ids.Length));
            text.CopyTo(ids.AsSpan(start));
            ids[count - 1] = Separator;
            four.Extend(ids.AsSpan(0, count), start);
            two.Extend(ids.AsSpan(0, count), start);
            return start..count;
        }

        /// <summary>Completes the index.</summary>
        public ChainIndex Build()
        {
            if (count != ids.Length) Array.Resize(ref ids, count);
            return new ChainIndex(ids, four, two);
        }
    }

    /// <summary>Links each position to the latest one before it whose last tokens have the same hash.</summary>
    private sealed class Chain
    {
        private readonly int[] heads;
        private int[] before;

        public Chain(int tokens, int capacity)
        {
            Tokens = tokens;
            heads = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity / 2))];
            Array.Fill(heads, -1);
            before = new int[Math.Max(16, capacity)];
        }

        public int Tokens { get; }

        /// <summary>Adds one text, which begins at a position and ends with the separator.</summary>
        public void Extend(ReadOnlySpan<int> ids, int start)
        {
            if (ids.Length > before.Length) Array.Resize(ref before, Math.Max(ids.Length, 2 * before.Length));
            for (int at = start; at < ids.Length; at++)
            {
                int older = -1;
                if (at + 1 - start >= Tokens && at + 1 < ids.Length)
                {
                    ref int head = ref heads[Bucket(ids.Slice(at + 1 - Tokens, Tokens))];
                    (older, head) = (head, at);
                }
                before[at] = older;
            }
        }

        public int Newest(ReadOnlySpan<int> context) => heads[Bucket(context[^Tokens..])];

        public int Before(int at) => before[at];

        private int Bucket(ReadOnlySpan<int> tokens)
        {
            ulong hash = 0;
            foreach (int id in tokens)
            {
                hash = (hash + (ulong)id + 1) * 0x9E3779B97F4A7C15;
                hash ^= hash >> 29;
            }
            return (int)(hash & (ulong)(heads.Length - 1));
        }
    }
}
