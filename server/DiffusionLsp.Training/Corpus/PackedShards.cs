using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>Turns the parts of a packed corpus into shards, each as soon as it has arrived. It knows no formats.</summary>
internal static class PackedShards
{
    /// <param name="wait">How long to wait for each part.</param>
    /// <exception cref="Engine.EngineException">A part is missing or damaged, or xz is missing.</exception>
    public static void Write(string packed, TimeSpan wait, CodeTokenizer tokenizer, ShardFolderWriter shards)
    {
        var filters = new Dictionary<(string, string), DocumentFilter>();
        foreach (PackedPart part in PackedIndex.Read(packed).Parts)
        {
            PackedCorpus.Await(packed, part, wait);
            using var documents = PackedCorpus.Read(Path.Combine(packed, part.File)).GetEnumerator();
            for (bool more = documents.MoveNext(); more;)
            {
                (string Split, string Language) kind = (documents.Current.Header.Split, documents.Current.Header.Language);
                if (!filters.TryGetValue(kind, out DocumentFilter? filter)) filters[kind] = filter = new DocumentFilter(kind.Language);
                IEnumerable<CorpusDocument> Alike()
                {
                    for (; more && (documents.Current.Header.Split, documents.Current.Header.Language) == kind; more = documents.MoveNext()) yield return documents.Current.Document;
                }
                shards.Add(kind.Language, kind.Split, new CorpusTokenizer(tokenizer).Run(Alike(), filter));
            }
        }
    }
}
