using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>
/// An n-gram index of other files' texts, from which completions may repeat passages, in addition to the open file's n-gram cache.
/// Immutable and thread-safe. It is bound to one model's tokenizer and ignored by other models.
/// </summary>
public sealed class WorkspaceIndex
{
    private readonly CodeTokenizer tokenizer;
    private readonly ChainIndex chains;
    private readonly IReadOnlyDictionary<string, Range> places;
    private readonly Range? except;

    private WorkspaceIndex(CodeTokenizer tokenizer, ChainIndex chains, IReadOnlyDictionary<string, Range> places, Range? except) =>
        (this.tokenizer, this.chains, this.places, this.except) = (tokenizer, chains, places, except);

    /// <summary>Number of texts.</summary>
    public int Texts => places.Count;

    /// <summary>Tokens of all texts.</summary>
    public int Tokens => chains.Count - places.Count;

    /// <summary>The same index without one text, for example the file being completed, whose current text the engine sees anyway.</summary>
    public WorkspaceIndex Without(string path) => places.TryGetValue(path, out Range range) ? new WorkspaceIndex(tokenizer, chains, places, range) : this;

    /// <summary>Whether it was built for the same tokenizer as the builder's.</summary>
    public bool IsFor(Builder builder) => IsOf(builder.Tokenizer);

    /// <summary>Whether it was built for this tokenizer.</summary>
    internal bool IsOf(CodeTokenizer other) => tokenizer.Fingerprint == other.Fingerprint;

    internal NgramMatch? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed = null) => chains.Find(context, allowed, except);

    /// <summary>Builds an index text by text, so that the caller can pause in between. Not thread-safe.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<string, Range> places = new(StringComparer.Ordinal);
        private ChainIndex.Builder chains = new(1 << 12);

        internal Builder(CodeTokenizer tokenizer) => Tokenizer = tokenizer;

        internal CodeTokenizer Tokenizer { get; }

        /// <summary>Tokenizes a text; the result can be kept for as long as the text does not change.</summary>
        public TokenizedText Tokenize(string text) => new(Tokenizer.Encode(text));

        /// <summary>Announces the approximate number of tokens, before the first text is added.</summary>
        public void Expect(int tokens) => chains = new ChainIndex.Builder(tokens);

        /// <summary>Adds a text; the most relevant come last. A path that was already added is ignored.</summary>
        public void Add(string path, TokenizedText text)
        {
            if (!places.ContainsKey(path)) places.Add(path, chains.Add(text.Ids));
        }

        /// <summary>Builds the index of some texts in one go.</summary>
        /// <param name="texts">The most relevant first.</param>
        public WorkspaceIndex Of(IEnumerable<RelatedText> texts)
        {
            (string Path, TokenizedText Text)[] tokenized = [.. texts.Select(t => (t.Path, Tokenize(t.Text))).Reverse()];
            Expect(tokenized.Sum(t => t.Text.Count + 1));
            foreach ((string path, TokenizedText text) in tokenized) Add(path, text);
            return Build();
        }

        /// <summary>Completes the index.</summary>
        public WorkspaceIndex Build() => new(Tokenizer, chains.Build(), places, null);
    }
}

/// <summary>A text of another file.</summary>
/// <param name="Path">Relative to the workspace, forward slashes.</param>
public sealed record RelatedText(string Path, string Text);

/// <summary>A text as one model's token ids.</summary>
public sealed class TokenizedText
{
    internal TokenizedText(int[] ids) => Ids = ids;

    /// <summary>Number of tokens.</summary>
    public int Count => Ids.Length;

    internal int[] Ids { get; }
}
