namespace DiffusionLsp.Training.Evaluate;

/// <summary>Compares a completion with the text that was there. White space at the end of either never counts. Pure functions over strings.</summary>
internal static class CompletionMetrics
{
    /// <summary>Whether both are the same.</summary>
    public static bool Exact(string completion, string truth) => completion.AsSpan().TrimEnd().SequenceEqual(truth.AsSpan().TrimEnd());

    /// <summary>100 · (1 − Levenshtein distance ÷ length of the longer one); 100 when both are empty.</summary>
    public static double Similarity(string completion, string truth)
    {
        ReadOnlySpan<char> a = completion.AsSpan().TrimEnd(), b = truth.AsSpan().TrimEnd();
        int longer = Math.Max(a.Length, b.Length);
        return longer == 0 ? 100 : 100 * (1 - Distance(a, b) / (double)longer);
    }

    /// <summary>
    /// Characters of the truth that somebody gets who accepts the completion word by word as long as it is right: the
    /// longest beginning that both share and that does not end inside a word of the completion.
    /// </summary>
    public static int Saved(string completion, string truth)
    {
        ReadOnlySpan<char> a = completion.AsSpan().TrimEnd(), b = truth.AsSpan().TrimEnd();
        int length = a.CommonPrefixLength(b);
        while (length > 0 && length < a.Length && IsWord(a[length - 1]) && IsWord(a[length])) length--;
        return length;
    }

    /// <summary>Letters, digits and the underscore make words.</summary>
    public static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Fewest insertions, deletions and replacements of UTF-16 units that turn one into the other.</summary>
    public static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
