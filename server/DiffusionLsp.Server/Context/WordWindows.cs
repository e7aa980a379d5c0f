namespace DiffusionLsp.Server.Context;

/// <summary>
/// Splits texts into overlapping windows of lines, each with its set of words, and computes the similarity of two sets (Jaccard
/// index). It caches the windows of the last hundred texts, so that only changed texts are split again; this takes a few
/// megabytes, or forty if all texts have the maximum length.
/// </summary>
internal sealed class WordWindows
{
    /// <summary>Lines per window; the next one begins half a window later.</summary>
    public const int Lines = 20;

    private const int MostTexts = 100;
    private const int MostLines = 2_000;

    private readonly Dictionary<string, (object Stamp, Window[] Windows)> known = [];
    private readonly Queue<string> order = new();

    /// <summary>The window most similar to the words, and its similarity (0 to 1); null: no window has a word.</summary>
    public (Window Window, double Similarity)? Best(ContextText text, IReadOnlySet<int> words)
    {
        (Window, double)? best = null;
        foreach (Window window in Of(text))
        {
            double similarity = Similarity(window.Words, words);
            if (similarity > (best?.Item2 ?? 0)) best = (window, similarity);
        }
        return best;
    }

    /// <summary>Hashes of the words of a text: identifiers of at least two characters.</summary>
    public static HashSet<int> Words(ReadOnlySpan<char> text)
    {
        var words = new HashSet<int>();
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) at++;
            if (at - start >= 2 && !char.IsDigit(text[start])) words.Add(string.GetHashCode(text[start..at], StringComparison.Ordinal));
            if (at == start) at++;
        }
        return words;
    }

    private Window[] Of(ContextText text)
    {
        if (text.Stamp is null) return [.. Cut(text.Text)];
        if (known.TryGetValue(text.Path, out var entry))
        {
            if (entry.Stamp.Equals(text.Stamp)) return entry.Windows;
        }
        else
        {
            order.Enqueue(text.Path);
        }
        if (order.Count > MostTexts) known.Remove(order.Dequeue());
        Window[] windows = [.. Cut(text.Text)];
        known[text.Path] = (text.Stamp, windows);
        return windows;
    }

    private static IEnumerable<Window> Cut(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int count = Math.Min(lines.Length, MostLines);
        for (int start = 0; start < count; start += Lines / 2)
        {
            string window = string.Join('\n', lines, start, Math.Min(Lines, count - start)).Trim('\n');
            if (Words(window) is { Count: > 0 } words) yield return new Window(window, words);
            if (start + Lines >= count) yield break;
        }
    }

    private static double Similarity(HashSet<int> window, IReadOnlySet<int> words)
    {
        int common = window.Count(words.Contains);
        return common / (double)(window.Count + words.Count - common);
    }
}

/// <summary>A window of lines and its words.</summary>
internal sealed record Window(string Text, HashSet<int> Words);
