using System.Text;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// The distinct pre-tokens as runs of symbols in one flat array, rewritten in place as merges shorten them. It knows
/// nothing of pair counts.
/// </summary>
internal sealed class WordTable
{
    private readonly int[] starts;
    private readonly int[] lengths;
    private readonly long[] counts;
    private readonly ushort[] symbols;

    /// <summary>Lays the words out as bytes, in ordinal order, so that the result does not depend on the order of counting.</summary>
    public WordTable(IReadOnlyDictionary<string, long> words)
    {
        string[] ordered = [.. words.Keys];
        Array.Sort(ordered, StringComparer.Ordinal);
        starts = new int[ordered.Length];
        lengths = new int[ordered.Length];
        counts = new long[ordered.Length];
        symbols = new ushort[ordered.Sum(word => (long)Encoding.UTF8.GetByteCount(word))];
        int end = 0;
        for (int word = 0; word < ordered.Length; word++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(ordered[word]);
            starts[word] = end;
            lengths[word] = bytes.Length;
            counts[word] = words[ordered[word]];
            foreach (byte value in bytes) symbols[end++] = value;
        }
    }

    /// <summary>How many distinct words there are.</summary>
    public int Count => starts.Length;

    /// <summary>How often a word was seen.</summary>
    public long CountOf(int word) => counts[word];

    /// <summary>A word's symbols as they are now.</summary>
    public ReadOnlySpan<ushort> SymbolsOf(int word) => symbols.AsSpan(starts[word], lengths[word]);

    /// <summary>Replaces a pair by one symbol, from the left, everywhere in a word.</summary>
    public void Merge(int word, SymbolPair pair, ushort merged)
    {
        Span<ushort> old = symbols.AsSpan(starts[word], lengths[word]);
        int length = 0;
        for (int i = 0; i < old.Length; i++)
        {
            bool here = i + 1 < old.Length && old[i] == pair.Left && old[i + 1] == pair.Right;
            old[length++] = here ? merged : old[i];
            if (here) i++;
        }
        lengths[word] = length;
    }
}

/// <summary>Two neighbouring symbols.</summary>
internal readonly record struct SymbolPair(ushort Left, ushort Right);
