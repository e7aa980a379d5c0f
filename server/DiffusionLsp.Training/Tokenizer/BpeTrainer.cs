using System.Runtime.InteropServices;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// Learns byte-pair merges from counted pre-tokens. The most frequent pair is merged first; ties go to the smaller ids. It knows nothing
/// of files, and merges never cross pre-tokens.
/// </summary>
internal sealed class BpeTrainer
{
    private readonly WordTable words;
    private readonly Dictionary<SymbolPair, PairEntry> pairs = [];
    private readonly PriorityQueue<SymbolPair, Rank> queue = new();
    private readonly List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
    private readonly Dictionary<string, ushort> idBySpelling = new(StringComparer.Ordinal);
    private readonly List<SymbolPair> merges = [];

    private BpeTrainer(IReadOnlyDictionary<string, long> counts)
    {
        words = new WordTable(counts);
        for (int id = 0; id < 256; id++) idBySpelling[ByteAlphabet.Spell(tokens[id])] = (ushort)id;
    }

    /// <summary>Learns merges until the vocabulary has this many ordinary tokens, or no pair repeats.</summary>
    /// <param name="counts">Pre-tokens with their counts.</param>
    /// <param name="tokens">Number of ordinary tokens: the 256 bytes and the merges.</param>
    /// <param name="onMerge">Called after each merge with the number of tokens so far.</param>
    /// <exception cref="EngineException">The number is out of range.</exception>
    public static BpeMerges Train(IReadOnlyDictionary<string, long> counts, int tokens, Action<int>? onMerge = null)
    {
        if (tokens is < 256 or > 65_000)
            throw new EngineException($"A vocabulary of {tokens} ordinary tokens cannot be trained; ask for 256 to 65000.");
        BpeTrainer trainer = new(counts);
        trainer.CountAllPairs();
        while (trainer.tokens.Count < tokens && trainer.TakeBest() is { } best)
        {
            trainer.Merge(best);
            onMerge?.Invoke(trainer.tokens.Count);
        }
        return new BpeMerges(trainer.tokens, trainer.merges);
    }

    private void CountAllPairs()
    {
        for (int word = 0; word < words.Count; word++) AddPairs(word, _ => true);
        foreach ((SymbolPair pair, PairEntry entry) in pairs) queue.Enqueue(pair, new Rank(entry.Count, pair));
    }

    /// <summary>The most frequent pair; null: none repeats. Queue entries are refreshed only when they surface.</summary>
    private SymbolPair? TakeBest()
    {
        while (queue.TryDequeue(out SymbolPair pair, out Rank rank))
        {
            if (!pairs.TryGetValue(pair, out PairEntry? entry) || entry.Count < 2) continue;
            if (entry.Count == rank.Count) return pair;
            if (entry.Count < rank.Count) queue.Enqueue(pair, new Rank(entry.Count, pair));
        }
        return null;
    }

    private void Merge(SymbolPair pair)
    {
        ushort merged = Declare(pair);
        List<int> affected = pairs[pair].Words;
        HashSet<SymbolPair> grown = [];
        foreach (int word in affected)
        {
            if (!Contains(words.SymbolsOf(word), pair)) continue; // an earlier merge consumed it
            RemovePairs(word);
            words.Merge(word, pair, merged);
            AddPairs(word, candidate =>
            {
                // Only pairs with the new symbol can gain words; for the others the word is already listed.
                bool isNew = candidate.Left == merged || candidate.Right == merged;
                if (isNew) grown.Add(candidate);
                return isNew;
            });
        }
        pairs.Remove(pair);
        foreach (SymbolPair candidate in grown)
        {
            if (pairs.TryGetValue(candidate, out PairEntry? entry)) queue.Enqueue(candidate, new Rank(entry.Count, candidate));
        }
    }

    /// <summary>Two merges may produce the same token ("a"+"bc", "ab"+"c"), which then keeps one id.</summary>
    private ushort Declare(SymbolPair pair)
    {
        byte[] bytes = [.. tokens[pair.Left], .. tokens[pair.Right]];
        merges.Add(pair);
        string spelling = ByteAlphabet.Spell(bytes);
        if (idBySpelling.TryGetValue(spelling, out ushort known)) return known;
        tokens.Add(bytes);
        return idBySpelling[spelling] = (ushort)(tokens.Count - 1);
    }

    private void AddPairs(int word, Func<SymbolPair, bool> list)
    {
        ReadOnlySpan<ushort> symbols = words.SymbolsOf(word);
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            SymbolPair pair = new(symbols[i], symbols[i + 1]);
            ref PairEntry? entry = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _);
            entry ??= new PairEntry();
            entry.Count += words.CountOf(word);
            if (list(pair) && (entry.Words.Count == 0 || entry.Words[^1] != word)) entry.Words.Add(word);
        }
    }

    private void RemovePairs(int word)
    {
        ReadOnlySpan<ushort> symbols = words.SymbolsOf(word);
        for (int i = 0; i + 1 < symbols.Length; i++) pairs[new SymbolPair(symbols[i], symbols[i + 1])].Count -= words.CountOf(word);
    }

    private static bool Contains(ReadOnlySpan<ushort> symbols, SymbolPair pair)
    {
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            if (symbols[i] == pair.Left && symbols[i + 1] == pair.Right) return true;
        }
        return false;
    }

    private sealed class PairEntry
    {
        public long Count;
        public readonly List<int> Words = [];
    }

    /// <summary>Orders the queue: more frequent first, then smaller ids.</summary>
    private readonly record struct Rank(long Count, SymbolPair Pair) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            int order = other.Count.CompareTo(Count);
            if (order == 0) order = Pair.Left.CompareTo(other.Pair.Left);
            return order != 0 ? order : Pair.Right.CompareTo(other.Pair.Right);
        }
    }
}

/// <summary>The result of training.</summary>
/// <param name="Tokens">Bytes of each token by id: the 256 bytes, then the merges' results.</param>
/// <param name="Merges">Merged pairs in rank order; more than the merged tokens if two produce the same one.</param>
internal sealed record BpeMerges(IReadOnlyList<byte[]> Tokens, IReadOnlyList<SymbolPair> Merges);
