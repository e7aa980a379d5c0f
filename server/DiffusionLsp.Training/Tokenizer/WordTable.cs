using System.Text;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// The distinct pre-tokens as runs of symbols in one flat array, rewritten in place as merges shorten them. It knows nothing of pair
/// counts.
/// </summary>
internal sealed class WordTable
{
    private readonly int[] starts;
    private readonly int[] lengths;
    private readonly long[] counts;
    private readonly ushort[] symbols;

    /// <summary>Stores the words as bytes.</summary>
    public WordTable(IReadOnlyDictionary<string, long> words)
    {
        starts = new int[words.Count];
        lengths = new int[words.Count];
        counts = new long[words.Count];
        symbols = new ushort[words.Keys.Sum(text => (long)Encoding.UTF8.GetByteCount(text))];
        int word = 0;
        int end = 0;
        foreach ((string text, long count) in words)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            starts[word] = end;
            lengths[word] = bytes.Length;
            counts[word++] = count;
            foreach (byte value in bytes) symbols[end++] = value;
        }
    }

    /// <summary>Number of distinct words.</summary>
    public int Count => starts.Length;

    /// <summary>Count of a word.</summary>
    public long CountOf(int word) => counts[word];

    /// <summary>A word's current symbols.</summary>
    public ReadOnlySpan<ushort> SymbolsOf(int word) => symbols.AsSpan(starts[word], lengths[word]);

    /// <summary>Replaces a pair by one symbol, from left to right, everywhere in a word.</summary>
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

/// <summary>Two adjacent symbols.</summary>
internal readonly record struct SymbolPair(ushort Left, ushort Right);
