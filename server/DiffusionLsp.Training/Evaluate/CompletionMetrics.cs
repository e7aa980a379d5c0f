namespace DiffusionLsp.Training.Evaluate;

/// <summary>Compares a completion with the original text, ignoring trailing whitespace. Pure functions over strings.</summary>
internal static class CompletionMetrics
{
    /// <summary>Whether both are equal.</summary>
    public static bool Exact(string completion, string truth) => completion.AsSpan().TrimEnd().SequenceEqual(truth.AsSpan().TrimEnd());

    /// <summary>100 · (1 − Levenshtein distance ÷ length of the longer one); 100 when both are empty.</summary>
    public static double Similarity(string completion, string truth)
    {
        ReadOnlySpan<char> a = completion.AsSpan().TrimEnd(), b = truth.AsSpan().TrimEnd();
        int longer = Math.Max(a.Length, b.Length);
        return longer == 0 ? 100 : 100 * (1 - Distance(a, b) / (double)longer);
    }

    /// <summary>
    /// Characters that a user saves by accepting the completion word by word as long as it is right: the longest common prefix that does
    /// not end inside a word of the completion.
    /// </summary>
    public static int Saved(string completion, string truth)
    {
        ReadOnlySpan<char> a = completion.AsSpan().TrimEnd(), b = truth.AsSpan().TrimEnd();
        int length = a.CommonPrefixLength(b);
        while (length > 0 && length < a.Length && IsWord(a[length - 1]) && IsWord(a[length])) length--;
        return length;
    }

    /// <summary>Whether a character belongs to a word: a letter, a digit or an underscore.</summary>
    public static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>The Levenshtein distance in UTF-16 units.</summary>
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
