using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Converts a corpus file to tokenized documents: filters in file order, tokenizes on all cores, shuffles. The result depends only on the
/// content, not on the number of cores. It writes nothing.
/// </summary>
internal sealed class CorpusTokenizer(CodeTokenizer tokenizer)
{
    /// <summary>Filters, tokenizes and shuffles one corpus file.</summary>
    /// <param name="file">A file of <see cref="CorpusFolder"/>.</param>
    /// <param name="language">Its language.</param>
    /// <param name="onDocument">Called after each document, from several threads.</param>
    public CorpusPart Run(string file, string language, Action? onDocument = null) => Run(CorpusFolder.Read(file), new DocumentFilter(language), onDocument);

    /// <summary>Filters, tokenizes and shuffles documents.</summary>
    /// <param name="source">Enumerated once, by one thread at a time.</param>
    /// <param name="filter">Of their language; it knows what was seen before.</param>
    public CorpusPart Run(IEnumerable<CorpusDocument> source, DocumentFilter filter, Action? onDocument = null)
    {
        Dictionary<DropReason, int> dropped = [];
        List<TokenDocument> documents = [];
        // Parallel.ForEach draws from the enumerator under a lock, so the filter runs alone and sees file order.
        Parallel.ForEach(Kept(source, filter, dropped), document =>
        {
            TokenDocument tokens = Tokenize(document);
            lock (documents) documents.Add(tokens);
            onDocument?.Invoke();
        });
        // Paths break ties between equal hashes, so that the order is deterministic.
        documents.Sort((a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : string.CompareOrdinal(a.Package + a.Path, b.Package + b.Path));
        return new CorpusPart(documents, dropped);
    }

    private static IEnumerable<CorpusDocument> Kept(IEnumerable<CorpusDocument> source, DocumentFilter filter, Dictionary<DropReason, int> dropped)
    {
        foreach (CorpusDocument document in source)
        {
            if (filter.Check(document) is { } reason) dropped[reason] = dropped.GetValueOrDefault(reason) + 1;
            else yield return document;
        }
    }

    /// <summary>Rejects a tokenizer whose ids do not fit into a shard.</summary>
    /// <param name="whose">The tokenizer, in words.</param>
    /// <exception cref="EngineException">It has too many tokens.</exception>
    public static void RequireShortIds(CodeTokenizer tokenizer, string whose)
    {
        if (tokenizer.VocabularySize > ushort.MaxValue + 1)
            throw new EngineException($"The tokenizer {whose} has {tokenizer.VocabularySize} tokens but shards hold 16-bit ids; use one with at most 65536.");
    }

    /// <summary>Tokenizes one document without filtering.</summary>
    public TokenDocument Tokenize(CorpusDocument document)
    {
        int[] ids = tokenizer.Encode(document.Text);
        ushort[] tokens = new ushort[ids.Length];
        for (int i = 0; i < ids.Length; i++) tokens[i] = checked((ushort)ids[i]);
        return new TokenDocument(document.Path, document.Package, document.License, document.Hash(), Encoding.UTF8.GetByteCount(document.Text), tokens);
    }
}

/// <summary>The result for one corpus file.</summary>
/// <param name="Documents">Kept documents in shuffled order.</param>
/// <param name="Dropped">Number of dropped documents by reason.</param>
internal sealed record CorpusPart(IReadOnlyList<TokenDocument> Documents, IReadOnlyDictionary<DropReason, int> Dropped);
