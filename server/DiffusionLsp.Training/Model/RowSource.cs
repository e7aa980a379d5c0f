using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Model;

/// <summary>Source of training rows.</summary>
internal interface IRowSource
{
    /// <summary>Row <paramref name="index"/>: T token ids; a pure function of the index. Thread-safe.</summary>
    long[] Row(long index);
}

/// <summary>
/// Training rows of exactly T tokens, packed without padding. Row g is a pure function of the options and g, so that a resumed run
/// continues exactly, and each epoch covers every window of a shard once. It knows no tensors.
/// </summary>
internal sealed class RowSource : IRowSource
{
    private const int Cycle = 100; // rows per cycle in which languages are distributed
    private const int SmallestExample = 48;

    private readonly TrainingOptions options;
    private readonly CodeTokenizer tokenizer;
    private readonly (TokenShard Shard, long[] Starts)[] shards;
    private readonly int[] deck; // shard of each row of a cycle
    private readonly int[] rank; // how many rows of the same shard precede it in the cycle
    private readonly int[] perCycle;

    public RowSource(TrainingOptions options, CodeTokenizer tokenizer, IReadOnlyList<TokenShard> shards, IReadOnlyList<double> weights)
    {
        (this.options, this.tokenizer) = (options, tokenizer);
        this.shards = [.. shards.Select(s => (s, Starts(s)))];
        double total = weights.Sum();
        perCycle = [.. weights.Select(w => (int)Math.Round(Cycle * w / total))];
        deck = [.. perCycle.SelectMany((count, shard) => Enumerable.Repeat(shard, count))];
        new Random(options.Seed).Shuffle(deck);
        rank = [.. deck.Select((shard, i) => deck.Take(i).Count(s => s == shard))];
    }

    /// <summary>The shard from which row <paramref name="index"/> is taken.</summary>
    public int ShardOf(long index) => deck[index % deck.Length];

    /// <inheritdoc/>
    public long[] Row(long index)
    {
        int which = ShardOf(index);
        (TokenShard shard, long[] starts) = shards[which];
        long window = index / deck.Length * perCycle[which] + rank[index % deck.Length];
        long windows = Math.Max(1, shard.TokenCount / options.RowTokens);
        var random = new Random(HashCode(options.Seed, index));
        long offset = Permuted(window % windows, windows, options.Seed + window / windows) * options.RowTokens;
        int document = Array.BinarySearch(starts, offset) is var found && found >= 0 ? found : ~found - 1;
        int skip = (int)(offset - starts[document]);

        var row = new List<long>(options.RowTokens + 64);
        while (row.Count < options.RowTokens)
        {
            int room = Room(options.RowTokens - row.Count, random);
            foreach (int id in Example(shard, document, skip, room, random)) row.Add(id);
            // A bidirectional model sees its whole canvas, so an end is followed by more ends, as in serving.
            if (options.Model.Attention is AttentionKind.Full && row[^1] == tokenizer.Special.EndOfText)
                while (row.Count < options.RowTokens) row.Add(tokenizer.Special.EndOfText);
            skip += room;
            if (skip < shard.Document(document).Length) continue;
            document = (document + 1) % shard.Count;
            skip = 0;
        }
        return [.. row.Take(options.RowTokens)];
    }

    /// <summary>
    /// The maximum length of the next example. If all examples filled their rows, holes would end where rows do, and the model would learn
    /// that instead of what ends a hole.
    /// </summary>
    private int Room(int left, Random random) =>
        options.ShortFraction > 0 && left > 2 * SmallestExample && random.NextDouble() < options.ShortFraction ? random.Next(SmallestExample, left) : left;

    /// <summary>One document's window, with or without a hole, of at most about <paramref name="room"/> tokens.</summary>
    private int[] Example(TokenShard shard, int document, int skip, int room, Random random)
    {
        ReadOnlySpan<ushort> all = shard.Document(document);
        int count = Math.Min(room, all.Length - skip);
        bool reachesEnd = skip + count == all.Length;
        var ids = new int[count];
        for (int i = 0; i < count; i++) ids[i] = all[skip + i];
        string text = tokenizer.Decode(ids).Trim('\uFFFD');
        // Windows begin at a line start, as prompts do.
        if (skip > 0 && text.IndexOf('\n') is var line and >= 0 && line < text.Length / 2) text = text[(line + 1)..];
        int[] path = random.Next(10) == 0 ? [] : tokenizer.Encode(PromptLayout.ShortPath(shard.Path(document)));

        if (room >= SmallestExample && random.NextDouble() < options.HoleFraction
            && HoleCutter.Cut(text, text.Length / 4, text.Length, random) is { } hole)
            return WithHole(text, hole, path, room, random);
        int[] plain = PromptLayout.Compose(tokenizer.Special, path, [], tokenizer.Encode(text));
        return reachesEnd ? [.. plain, tokenizer.Special.EndOfText] : plain;
    }

    private int[] WithHole(string text, Hole hole, int[] path, int room, Random random)
    {
        int[] middle = [.. tokenizer.Encode(text[hole.Start..hole.End]), tokenizer.Special.EndOfText];
        int[] prefix = tokenizer.Encode(text[..hole.Start]);
        int[] suffix = random.Next(12) == 0 ? [] : tokenizer.Encode(text[hole.End..]);
        // If the example is too long for the row, first the suffix loses its end (except for a few tokens), then the prefix its start.
        int[] fimMiddle = options.Model.UsesFimMiddle && tokenizer.Special.FimMiddle is { } begin ? [begin] : [];
        int spare = room - path.Length - 3 - fimMiddle.Length - middle.Length;
        int keepSuffix = Math.Min(suffix.Length, Math.Max(spare - prefix.Length, Math.Min(16, spare / 4)));
        suffix = suffix[..Math.Max(0, keepSuffix)];
        int keepPrefix = Math.Clamp(spare - suffix.Length, 0, prefix.Length);
        return [.. PromptLayout.Compose(tokenizer.Special, path, suffix, prefix.AsSpan()[^keepPrefix..]), .. fimMiddle, .. middle];
    }

    private static long[] Starts(TokenShard shard)
    {
        var starts = new long[shard.Count];
        for (int i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + shard.Document(i - 1).Length;
        return starts;
    }

    /// <summary>A seeded permutation of [0, count), computed per element with a Feistel network and cycle walking.</summary>
    internal static long Permuted(long value, long count, long seed)
    {
        int half = 1;
        while (1L << (2 * half) < count) half++;
        uint mask = (uint)((1L << half) - 1);
        do
        {
            uint left = (uint)(value >> half) & mask, right = (uint)value & mask;
            for (int round = 0; round < 4; round++)
                (left, right) = (right, (left ^ (uint)HashCode((int)(seed * 31 + round), right)) & mask);
            value = ((long)left << half) | right;
        }
        while (value >= count);
        return value;
    }

    /// <summary>A stable 31-bit hash (SplitMix64); .NET's own differs between runs.</summary>
    internal static int HashCode(int seed, long value)
    {
        ulong z = (ulong)value + (ulong)seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) & 0x7FFFFFFF);
    }
}
