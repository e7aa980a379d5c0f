namespace DiffusionLsp.Server.Context;

/// <summary>
/// Chooses snippets for a document: from each text that the sources find, the window that shares the most words with the lines
/// around the cursor; of these, the best few. It knows nothing of time or prompts.
/// </summary>
internal sealed class ContextSelector(IReadOnlyList<IContextSource> sources)
{
    /// <summary>Maximum number of snippets per selection.</summary>
    public const int MostSnippets = 6;

    private const double LeastSimilarity = 0.05;
    private const int LinesBefore = 30;
    private const int LinesAfter = 15;

    private readonly WordWindows windows = new();

    /// <summary>The best snippets, most similar first. After the query's deadline, the best found so far.</summary>
    public IReadOnlyList<ContextSnippet> Select(ContextQuery query)
    {
        HashSet<int> words = WordWindows.Words(Around(query));
        var best = new Dictionary<string, ContextSnippet>();
        foreach (IContextSource source in sources)
            foreach (ContextText text in source.Find(query))
            {
                if (windows.Best(text, words) is var (window, similarity) && similarity >= LeastSimilarity
                    && similarity * source.Weight > (best.GetValueOrDefault(text.Path)?.Score ?? 0))
                    best[text.Path] = new ContextSnippet(text.File, window.Text, similarity * source.Weight);
                if (query.Deadline.IsCancellationRequested) break;
            }
        return [.. best.Values.OrderByDescending(s => s.Score).ThenBy(s => s.Path, StringComparer.Ordinal).Take(MostSnippets)];
    }

    private static ReadOnlySpan<char> Around(ContextQuery query)
    {
        var lines = query.Document.Lines;
        int line = Math.Clamp(query.Line, 0, lines.LineCount - 1);
        int start = lines.LineStart(Math.Max(0, line - LinesBefore)), end = lines.LineEnd(Math.Min(lines.LineCount - 1, line + LinesAfter));
        return query.Document.Text.AsSpan(start, end - start);
    }
}
