using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>The vocabulary sorted by bytes, to find tokens by prefix.</summary>
internal sealed class TokenPrefixes(CodeTokenizer tokenizer)
{
    private readonly int[] ordered = [.. Enumerable.Range(0, tokenizer.VocabularySize)
        .Where(id => !tokenizer.BytesOf(id).IsEmpty).Order(Comparer<int>.Create((a, b) => tokenizer.BytesOf(a).SequenceCompareTo(tokenizer.BytesOf(b))))];

    /// <summary>The ids of the tokens that begin with the given bytes.</summary>
    public int[] BeginningWith(ReadOnlySpan<byte> bytes)
    {
        int low = 0, high = ordered.Length; // binary search for the first that is not less
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (tokenizer.BytesOf(ordered[middle]).SequenceCompareTo(bytes) < 0) low = middle + 1;
            else high = middle;
        }
        int end = low;
        while (end < ordered.Length && tokenizer.BytesOf(ordered[end]).StartsWith(bytes)) end++;
        return ordered[low..end];
    }
}
