using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// Counts the pre-tokens of a sample, which is all that byte-pair training needs of the text. It knows nothing of merges. Not
/// thread-safe; use several and add them up.
/// </summary>
internal sealed class PreTokenCounter
{
    /// <summary>Longer pre-tokens (banners, base64) are useless and slow training down.</summary>
    public const int MostCharacters = 64;

    private readonly PreTokenizer preTokenizer = new(PreTokenizerPattern.Code);
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>Count of each pre-token.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Counts one text.</summary>
    public void Add(string text)
    {
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((int start, int length) in preTokenizer.Cut(text))
        {
            if (length > MostCharacters) continue;
            ReadOnlySpan<char> word = text.AsSpan(start, length);
            lookup.TryGetValue(word, out long count);
            lookup[word] = count + 1;
        }
    }

    /// <summary>Adds another counter's counts to this one's.</summary>
    public void Add(PreTokenCounter other)
    {
        foreach ((string word, long count) in other.counts)
        {
            counts.TryGetValue(word, out long own);
            counts[word] = own + count;
        }
    }
}
