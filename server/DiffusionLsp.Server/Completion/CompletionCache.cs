using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Caches suggestions, so that a request for the same position, or for one reached by type-through, needs no decoding. A
/// suggestion fits if everything that the model saw is unchanged, apart from a prefix of the suggestion that was typed. In
/// memory only, newest first, for five minutes. It knows nothing of running requests.
/// </summary>
internal sealed class CompletionCache(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly LinkedList<Entry> entries = new();

    /// <summary>The rest of the newest suggestion that fits; null: none does.</summary>
    public Remembered? Find(CompletionRequest request)
    {
        var place = new Place(request);
        lock (gate)
        {
            for (var node = entries.First; node is not null; node = node.Next)
            {
                // An explicit request wants the whole completion, not one truncated by the latency budget.
                if (request.Trigger == CompletionTrigger.Invoked && node.Value.Completeness == Completeness.CutByBudget) continue;
                if (time.GetElapsedTime(node.Value.Added) > Lifetime || node.Value.Rest(place) is not { } rest) continue;
                entries.Remove(node);
                entries.AddFirst(node);
                return new Remembered(rest, node.Value.Path(rest)) { Replaced = node.Value.Replaced, Confidence = node.Value.ConfidenceOf(rest), Shown = node.Value.ShownOf(rest), NoteShown = node.Value.NoteShown };
            }
        }
        return null;
    }

    /// <summary>Stores the suggestion of a request; the oldest beyond the setting <c>cacheEntries</c> are evicted.</summary>
    /// <param name="completeness">Whether the decode finished.</param>
    /// <param name="replaced">Number of characters right of the cursor that the suggestion replaces.</param>
    /// <param name="confidence">The estimate for the suggestion; null: none.</param>
    /// <param name="shown">Number of its characters that are shown.</param>
    /// <param name="isFirst">Whether later requests for this position get this suggestion; false: it is what this request gets, of several.</param>
    public void Add(CompletionRequest request, string suggestion, Completeness completeness = Completeness.Whole, int replaced = 0, SuggestionConfidence? confidence = null, int shown = 0, bool isFirst = true)
    {
        var place = new Place(request);
        var entry = new Entry(place, suggestion, replaced, time.GetTimestamp(), request.Source == CompletionSource.Prefetch, completeness, confidence ?? SuggestionConfidence.None, shown);
        lock (gate)
        {
            LinkedListNode<Entry>? before = isFirst ? null : entries.Last;
            while (before is not null && before.Value.Rest(place) is null) before = before.Previous;
            if (before is null) entries.AddFirst(entry);
            else entries.AddAfter(before, entry);
            while (entries.Count > request.Settings.CacheEntries) entries.RemoveLast();
        }
    }

    /// <summary>Removes everything, for example because another model was loaded.</summary>
    public void Clear()
    {
        lock (gate) entries.Clear();
    }

    private sealed class Entry(Place place, string suggestion, int replaced, long added, bool isAhead, Completeness completeness, SuggestionConfidence confidence, int shown)
    {
        private readonly string uri = place.Uri, near = place.Near;
        private readonly (int Length, bool FromStart) before = (place.SeenBefore, place.SeesStart);
        private readonly UInt128 prefix = place.Prefix(0, place.SeenBefore), around = place.Around;
        private readonly string retyped = place.Rest[..replaced];

        public int Replaced => replaced;

        public long Added => added;

        public Completeness Completeness => completeness;

        /// <summary>The rest of the suggestion that is not typed yet; null: another position, or nothing but whitespace is left.</summary>
        public string? Rest(Place now)
        {
            if (now.Uri != uri) return null;
            for (int typed = 0; typed < suggestion.Length; typed++)
            {
                // The text nearby rules out most positions; the hash is then compared once or twice per request.
                if (!now.EndsWith(near, suggestion.AsSpan(0, typed)) || !now.Reaches(typed, before.Length, before.FromStart)) continue;
                if (now.Around != around) return null;
                if (now.Prefix(typed, before.Length) != prefix) continue;
                string rest = suggestion[typed..];
                return string.IsNullOrWhiteSpace(rest) || !Retypes(rest) ? null : rest;
            }
            return null;
        }

        /// <summary>The estimate for the rest, given that the typed part was right.</summary>
        public SuggestionConfidence ConfidenceOf(string rest) => confidence.After(suggestion.Length - rest.Length);

        /// <summary>How much of the rest was shown before.</summary>
        public int ShownOf(string rest) => Math.Max(0, shown - (suggestion.Length - rest.Length));

        /// <summary>Records how much of the rest is shown now.</summary>
        public void NoteShown(string rest, int length) => shown = Math.Max(shown, suggestion.Length - rest.Length + length);

        /// <summary>The stage that answers with the rest of this suggestion.</summary>
        public CompletionPath Path(string rest) =>
            isAhead ? CompletionPath.Speculation : rest.Length < suggestion.Length ? CompletionPath.TypeThrough : CompletionPath.Cache;

        /// <summary>Whether the rest still contains the text that it replaces; if the user typed that text, the document already contains it twice.</summary>
        private bool Retypes(string rest)
        {
            int at = 0;
            foreach (char c in retyped)
            {
                at = rest.IndexOf(c, at) + 1;
                if (at == 0) return false;
            }
            return true;
        }
    }

    /// <summary>A position in a document, with everything that a prompt there contains. Expensive properties are computed on demand.</summary>
    private sealed class Place
    {
        private const int NearCharacters = 64;
        private const int LongestTyped = 4_096; // characters of a suggestion

        private readonly CompletionRequest request;
        private readonly string before; // the text before the cursor, as far back as a prompt with any suggestion typed can reach
        private readonly bool fromStart;
        private readonly Lazy<UInt128> around;

        public Place(CompletionRequest request)
        {
            this.request = request;
            (string prefix, _) = ContextWindow.Cut(request);
            string text = request.Document.Text;
            int start = Math.Max(0, request.Offset - ContextWindow.MostBefore(request.Settings.PromptTokens) - LongestTyped);
            before = ContextWindow.LineFeeds(text[start..request.Offset]) + request.Ahead;
            SeenBefore = prefix.Length;
            fromStart = start == 0;
            SeesStart = fromStart && SeenBefore == before.Length;
            around = new Lazy<UInt128>(HashAround);
        }

        public string Uri => request.Document.Uri;

        /// <summary>Number of characters before the cursor that the model sees.</summary>
        public int SeenBefore { get; }

        /// <summary>Whether these are all characters before the cursor.</summary>
        public bool SeesStart { get; }

        /// <summary>The text just before the cursor.</summary>
        public string Near => before[Math.Max(0, before.Length - Math.Min(NearCharacters, SeenBefore))..];

        /// <summary>The rest of the cursor's line.</summary>
        public string Rest => request.RestOfLine;

        /// <summary>A hash of the prompt's contents other than the text before the cursor.</summary>
        public UInt128 Around => around.Value;

        /// <summary>Whether the text before the cursor ends with a text followed by what was typed.</summary>
        public bool EndsWith(string text, ReadOnlySpan<char> typed) =>
            before.AsSpan().EndsWith(typed) && before.AsSpan(0, before.Length - typed.Length).EndsWith(text);

        /// <summary>Whether there are this many characters before what was typed and, if <paramref name="all"/>, no more.</summary>
        public bool Reaches(int typed, int length, bool all) =>
            before.Length - typed is var there && (all ? fromStart && there == length : there >= length);

        /// <summary>A hash of the characters before what was typed.</summary>
        public UInt128 Prefix(int typed, int length) => Hash(before.AsSpan(before.Length - typed - length, length));

        private UInt128 HashAround()
        {
            (_, string suffix) = ContextWindow.Cut(request);
            string context = string.Join('\0', [request.Path, request.Document.LanguageId, request.Settings.ModelPath, $"{request.Settings.PromptTokens} {request.Settings.CrossFileTokens}", $"{request.Decode ?? request.Settings.Decode}", .. request.Related.SelectMany(text => new[] { text.Path, text.Text })]);
            return Hash($"{suffix.Length}\0{suffix}\0{context}");
        }

        private static UInt128 Hash(ReadOnlySpan<char> text)
        {
            return MemoryMarshal.Read<UInt128>(Sha256.Of(MemoryMarshal.AsBytes(text)));
        }
    }
}

/// <summary>A suggestion that needed no decoding.</summary>
/// <param name="Rest">The part that is not typed yet.</param>
internal sealed record Remembered(string Rest, CompletionPath Path)
{
    /// <inheritdoc cref="Suggestion.Replaced"/>
    public int Replaced { get; init; }

    /// <summary>The estimate for the rest.</summary>
    public SuggestionConfidence Confidence { get; init; } = SuggestionConfidence.None;

    /// <summary>Number of characters of the rest that were shown before.</summary>
    public int Shown { get; init; }

    /// <summary>Receives the rest, and the number of its characters that are shown now.</summary>
    public Action<string, int> NoteShown { get; init; } = (_, _) => { };
}

/// <summary>How far a cached suggestion was decoded.</summary>
internal enum Completeness
{
    /// <summary>To its end.</summary>
    Whole,
    /// <summary>Until the latency budget was used up.</summary>
    CutByBudget,
}
