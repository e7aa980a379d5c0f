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

/// <summary>Where a source goes on that follows another.</summary>
/// <param name="Row">Its first row.</param>
/// <param name="Windows">For each shard the windows that earlier rows took.</param>
internal sealed record RowStart(long Row, IReadOnlyList<long> Windows);

/// <summary>
/// Training rows of exactly T tokens, packed without padding. Row g is a pure function of the options and g, so that a resumed run
/// continues exactly, and each epoch covers every window of a shard once. It knows no tensors.
/// </summary>
internal sealed class RowSource : IRowSource
{
    private const int Cycle = 100, LongCycle = 1000; // rows per cycle in which shards are distributed: one for each language, and more
    private const int SmallestExample = 48;

    private readonly TrainingOptions options;
    private readonly CodeTokenizer tokenizer;
    private readonly (TokenShard Shard, long[] Starts)[] shards;
    private readonly int[] deck; // shard of each row of a cycle
    private readonly int[] rank; // how many rows of the same shard precede it in the cycle
    private readonly int[] perCycle;
    private readonly long first;
    private readonly long[] used; // windows of each shard that earlier rows took
    private readonly PackageFiles[]? files; // by shard; null: rows without other files

    /// <param name="start">null: at row 0 and the first windows.</param>
    public RowSource(TrainingOptions options, CodeTokenizer tokenizer, IReadOnlyList<TokenShard> shards, IReadOnlyList<double> weights, RowStart? start = null)
    {
        first = start?.Row ?? 0;
        used = start is null ? new long[shards.Count] : [.. start.Windows];
        (this.options, this.tokenizer) = (options, tokenizer);
        this.shards = [.. shards.Select(s => (s, Starts(s)))];
        double total = weights.Sum();
        int cycle = shards.Select(s => s.Name.Split('.')[0]).Distinct().Count() == shards.Count ? Cycle : LongCycle;
        perCycle = [.. weights.Select(w => (int)Math.Round(cycle * w / total))];
        deck = [.. perCycle.SelectMany((count, shard) => Enumerable.Repeat(shard, count))];
        new Random(options.Seed).Shuffle(deck);
        if (options.CrossFileFraction > 0) files = [.. shards.Select(s => new PackageFiles(s, tokenizer))];
        rank = [.. deck.Select((shard, i) => deck.Take(i).Count(s => s == shard))];
    }

    /// <summary>The shard from which row <paramref name="index"/> is taken.</summary>
    public int ShardOf(long index) => deck[(index - first) % deck.Length];

    /// <summary>Windows of a shard that the rows before this one take.</summary>
    public long WindowsBefore(long index, int which) => used[which] + (index - first) / deck.Length * perCycle[which] + deck.Take((int)((index - first) % deck.Length)).Count(s => s == which);

    /// <inheritdoc/>
    public long[] Row(long index)
    {
        int which = ShardOf(index);
        (TokenShard shard, long[] starts) = shards[which];
        long window = used[which] + (index - first) / deck.Length * perCycle[which] + rank[(index - first) % deck.Length];
        long windows = Math.Max(1, shard.TokenCount / options.RowTokens);
        var random = new Random(HashCode(options.Seed, index));
        long offset = Permuted(window % windows, windows, options.Seed + window / windows) * options.RowTokens;
        int document = Array.BinarySearch(starts, offset) is var found && found >= 0 ? found : ~found - 1;
        int skip = (int)(offset - starts[document]);

        var row = new List<long>(options.RowTokens + 64);
        int[] related = files is not null && random.NextDouble() < options.CrossFileFraction ? files[which].Before(document, skip, options.RowTokens / 2, random) : [];
        while (row.Count < options.RowTokens)
        {
            int room = related.Length > 0 ? options.RowTokens - related.Length : Room(options.RowTokens - row.Count, random);
            foreach (int id in Example((shard, document, skip), related, room, random)) row.Add(id);
            related = [];
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

    /// <summary>One document's window, with or without a hole, of at most about <paramref name="room"/> tokens beside those of other files.</summary>
    /// <param name="related">Texts of other files.</param>
    private int[] Example((TokenShard Shard, int Document, int Skip) window, int[] related, int room, Random random)
    {
        (TokenShard shard, int document, int skip) = window;
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
            && Cut(text, random) is { } hole)
            return WithHole(text, hole, new Frame(path, related, room), random);
        int[] plain = PromptLayout.Compose(tokenizer.Special, path, [], [.. related, .. tokenizer.Encode(text)]);
        return reachesEnd ? [.. plain, tokenizer.Special.EndOfText] : plain;
    }

    private Hole? Cut(string text, Random random) => options.Holes is { } weights
        ? HoleCutter.Cut(text, text.Length / 4, text.Length, weights, random)
        : HoleCutter.Cut(text, text.Length / 4, text.Length, random);

    private int[] WithHole(string text, Hole hole, Frame frame, Random random)
    {
        int[] fimMiddle = options.Model.UsesFimMiddle && tokenizer.Special.FimMiddle is { } begin ? [begin] : [];
        if (fimMiddle.Length > 0 && options.FimMiddle == "serving" && !IsMarked(text, hole, random)) return GoingOn(text, hole, frame, random);
        int[] middle = [.. tokenizer.Encode(text[hole.Start..hole.End]), tokenizer.Special.EndOfText];
        int[] prefix = tokenizer.Encode(text[..hole.Start]);
        int[] suffix = random.Next(12) == 0 ? [] : tokenizer.Encode(text[hole.End..]);
        return Composed(prefix, suffix, [.. fimMiddle, .. middle], frame);
    }

    /// <summary>Whether serving would use the FIM middle token: inside a line always; for whole lines, when they are refilled.</summary>
    private static bool IsMarked(string text, Hole hole, Random random) =>
        !text.AsSpan(hole.End, HoleCutter.LineEnd(text, hole.End) - hole.End).IsWhiteSpace()
        || (hole.Kind is HoleKind.WholeLine or HoleKind.StartOfLine or HoleKind.Block && random.Next(2) == 0);

    /// <summary>
    /// A completion: a rule ends it, not the model, so the text goes on into the line behind the hole. Half of the time the cursor splits what would be
    /// one token, such as a line break with its indentation, and half of the time it is as if healed.
    /// </summary>
    private int[] GoingOn(string text, Hole hole, Frame frame, Random random)
    {
        int next = text.IndexOf('\n', hole.End), end = HoleCutter.LineEnd(text, next < 0 ? text.Length : next + 1);
        int[] suffix = random.Next(12) == 0 ? [] : tokenizer.Encode(text[hole.End..]);
        if (random.Next(2) == 0) return Composed(tokenizer.Encode(text[..hole.Start]), suffix, tokenizer.Encode(text[hole.Start..end]), frame);
        return Composed(tokenizer.Encode(text[..end]), suffix, [], frame);
    }

    /// <summary>If the example is too long for the row, first the suffix loses its end (except for a few tokens), then the prefix its start.</summary>
    private int[] Composed(int[] prefix, int[] suffix, int[] rest, Frame frame)
    {
        int spare = frame.Room - frame.Path.Length - 3 - rest.Length;
        int keepSuffix = Math.Min(suffix.Length, Math.Max(spare - prefix.Length, Math.Min(16, spare / 4)));
        suffix = suffix[..Math.Max(0, keepSuffix)];
        int keepPrefix = Math.Clamp(spare - suffix.Length, 0, prefix.Length);
        return [.. PromptLayout.Compose(tokenizer.Special, frame.Path, suffix, [.. frame.Related, .. prefix.AsSpan()[^keepPrefix..]]), .. rest];
    }

    /// <summary>What surrounds an example: its path, texts of other files, and the room beside the latter.</summary>
    private readonly record struct Frame(int[] Path, int[] Related, int Room);

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
