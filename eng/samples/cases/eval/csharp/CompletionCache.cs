namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Remembers suggestions, so that one that is asked for again, or typed along, needs no decoding. A suggestion fits when
/// the text near the cursor is what it was, plus a beginning of the suggestion itself. In memory only, newest first,
/// forgotten after five minutes. It knows nothing of requests in flight.
/// </summary>
internal sealed class CompletionCache(TimeProvider time)
{
    private const int NearPrefix = 1_000;
    private const int NearSuffix = 300;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly LinkedList<Entry> entries = new();

    /// <summary>What is left of the newest fitting suggestion, or null.</summary>
    public Remembered? Find(CompletionRequest request)
    {
        (string prefix, string suffix) = Near(request);
        lock (gate)
        {
            for (var node = entries.First; node is not null; node = node.Next)
            {
                // Who asks by hand wants all of it, not what an earlier request had time for.
                if (request.Trigger == CompletionTrigger.Invoked && node.Value.Completeness == Completeness.CutByBudget) continue;
                if (node.Value.Rest(request.Document.Uri, prefix, suffix, time) is not { } rest) continue;
                entries.Remove(node);
                entries.AddFirst(node);
                return new Remembered(rest, node.Value.Path(rest));
            }
        }
        return null;
    }

    /// <summary>Remembers what was suggested for a request; the oldest beyond the setting <c>cacheEntries</c> are forgotten.</summary>
    /// <param name="completeness">Whether decoding came to its end.</param>
    public void Add(CompletionRequest request, string suggestion, Completeness completeness = Completeness.Whole)
    {
        (string prefix, string suffix) = Near(request);
        lock (gate)
        {
            entries.AddFirst(new Entry(request.Document.Uri, prefix, suffix, suggestion, time.GetTimestamp(), request.Source == CompletionSource.Speculation, completeness));
            while (entries.Count > request.Settings.CacheEntries) entries.RemoveLast();
        }
    }

    /// <summary>Forgets everything, for example because another model was loaded.</summary>
    public void Clear()
    {
        lock (gate) entries.Clear();
    }

    private static (string Prefix, string Suffix) Near(CompletionRequest request)
    {
        string text = request.Document.Text;
        // Typed text is looked for behind the old prefix, so the new one may be longer by a whole suggestion.
        string prefix = text[Math.Max(0, request.Offset - 2 * NearPrefix)..request.Offset] + request.Ahead;
        return (ContextWindow.LineFeeds(prefix), ContextWindow.LineFeeds(text[request.Offset..Math.Min(text.Length, request.Offset + NearSuffix)]));
    }

    private sealed record Entry(string Uri, string Prefix, string Suffix, string Suggestion, long Added, bool IsAhead, Completeness Completeness)
    {
        private readonly string near = Prefix[Math.Max(0, Prefix.Length - NearPrefix)..];

        public string? Rest(string uri, string prefix, string suffix, TimeProvider time)
        {
            if (uri != Uri || suffix != Suffix || time.GetElapsedTime(Added) > Lifetime) return null;
            for (int typed = 0; typed < Suggestion.Length && typed <= prefix.Length; typed++)
            {
                if (!prefix.AsSpan(prefix.Length - typed).SequenceEqual(Suggestion.AsSpan(0, typed))) continue;
                if (IsSamePlace(prefix.AsSpan(0, prefix.Length - typed))) return Suggestion[typed..];
            }
            return null;
        }

        /// <summary>How a request came by the rest of this suggestion.</summary>
        public CompletionPath Path(string rest) =>
            IsAhead ? CompletionPath.Speculation : rest.Length < Suggestion.Length ? CompletionPath.TypeThrough : CompletionPath.Cache;

        /// <summary>A short near text is all that there was before the cursor, so nothing may stand before it now.</summary>
        private bool IsSamePlace(ReadOnlySpan<char> before) =>
            near.Length < NearPrefix ? before.SequenceEqual(near) : before.EndsWith(near);
    }
}

/// <summary>A suggestion that needed no decoding.</summary>
/// <param name="Rest">What of it is not typed yet.</param>
internal sealed record Remembered(string Rest, CompletionPath Path);

/// <summary>How far a remembered suggestion was decoded.</summary>
internal enum Completeness
{
    /// <summary>To its end.</summary>
    Whole,
    /// <summary>Until its time was over.</summary>
    CutByBudget,
}
