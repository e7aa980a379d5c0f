using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>
/// Texts of other files, so indexed that what is written may repeat them: an n-gram cache beside the open file's. Immutable and
/// thread-safe. It belongs to the tokenizer of one model; for another model it holds nothing.
/// </summary>
public sealed class WorkspaceIndex
{
    private readonly CodeTokenizer tokenizer;
    private readonly ChainIndex chains;
    private readonly IReadOnlyDictionary<string, Range> places;
    private readonly Range? except;

    private WorkspaceIndex(CodeTokenizer tokenizer, ChainIndex chains, IReadOnlyDictionary<string, Range> places, Range? except) =>
        (this.tokenizer, this.chains, this.places, this.except) = (tokenizer, chains, places, except);

    /// <summary>How many texts there are.</summary>
    public int Texts => places.Count;

    /// <summary>Tokens of all texts.</summary>
    public int Tokens => chains.Count - places.Count;

    /// <summary>The same index without one text, such as that of the file being completed, which the engine sees as it is now.</summary>
    public WorkspaceIndex Without(string path) => places.TryGetValue(path, out Range range) ? new WorkspaceIndex(tokenizer, chains, places, range) : this;

    /// <summary>Whether it is of the same model as what a builder makes.</summary>
    public bool IsFor(Builder builder) => IsOf(builder.Tokenizer);

    /// <summary>Whether the index is of this tokenizer's ids.</summary>
    internal bool IsOf(CodeTokenizer other) => tokenizer.Fingerprint == other.Fingerprint;

    internal NgramMatch? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed = null) => chains.Find(context, allowed, except);

    /// <summary>Takes texts one by one, so that whoever builds can pause between two. Not thread-safe.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<string, Range> places = new(StringComparer.Ordinal);
        private ChainIndex.Builder chains = new(1 << 12);

        internal Builder(CodeTokenizer tokenizer) => Tokenizer = tokenizer;

        internal CodeTokenizer Tokenizer { get; }

        /// <summary>A text's tokens, to be kept while the text stays the same.</summary>
        public TokenizedText Tokenize(string text) => new(Tokenizer.Encode(text));

        /// <summary>Says about how many tokens there will be, before the first text.</summary>
        public void Expect(int tokens) => chains = new ChainIndex.Builder(tokens);

        /// <summary>Adds a text; the most helpful come last. A path that was added before is ignored.</summary>
        public void Add(string path, TokenizedText text)
        {
            if (!places.ContainsKey(path)) places.Add(path, chains.Add(text.Ids));
        }

        /// <summary>The index of some texts, all at once.</summary>
        /// <param name="texts">The most helpful first.</param>
        public WorkspaceIndex Of(IEnumerable<RelatedText> texts)
        {
            (string Path, TokenizedText Text)[] tokenized = [.. texts.Select(t => (t.Path, Tokenize(t.Text))).Reverse()];
            Expect(tokenized.Sum(t => t.Text.Count + 1));
            foreach ((string path, TokenizedText text) in tokenized) Add(path, text);
            return Build();
        }

        /// <summary>Ends the building.</summary>
        public WorkspaceIndex Build() => new(Tokenizer, chains.Build(), places, null);
    }
}

/// <summary>A text of another file.</summary>
/// <param name="Path">Relative to the workspace, forward slashes.</param>
public sealed record RelatedText(string Path, string Text);

/// <summary>A text as token ids of one model.</summary>
public sealed class TokenizedText
{
    internal TokenizedText(int[] ids) => Ids = ids;

    /// <summary>How many tokens it has.</summary>
    public int Count => Ids.Length;

    internal int[] Ids { get; }
}
