using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// Writes the shards of one folder, and <c>corpus.json</c>. A language's first documents become <c>LANGUAGE.train</c> and <c>LANGUAGE.validation</c>, later ones
/// <c>LANGUAGE.train-002</c> and so on, without what the first ones held out. It reads nothing.
/// </summary>
internal sealed class ShardFolderWriter(CodeTokenizer tokenizer, string folder)
{
    private readonly List<ShardSummary> shards = [];
    private readonly Dictionary<string, IReadOnlyDictionary<DropReason, int>> dropped = [];
    private readonly Dictionary<string, int> parts = [];
    private readonly Dictionary<string, HashSet<string>> heldOut = []; // packages, by language

    /// <summary>Tokens of all shards.</summary>
    public long Tokens => shards.Sum(shard => shard.Tokens);

    /// <summary>Adds documents.</summary>
    /// <param name="source">train or eval.</param>
    public void Add(string language, string source, CorpusPart part)
    {
        string name = $"{language}.{source}";
        int number = parts[name] = parts.GetValueOrDefault(name) + 1;
        if (number == 1) dropped[name] = part.Dropped;
        if (source != "train") Write(language, Numbered(source, number), part.Documents);
        else if (number > 1) Write(language, Numbered(source, number), [.. part.Documents.Where(d => !heldOut[language].Contains(d.Package) && !ValidationSplit.IsHeldOutAlone(language, d))]);
        else
        {
            (List<TokenDocument> training, List<TokenDocument> validation) = ValidationSplit.Split(language, part.Documents);
            heldOut[language] = ValidationSplit.IsByDocument(language) ? [] : [.. validation.Select(d => d.Package)];
            Write(language, "validation", validation); // before the other: who sees that one finds both
            Write(language, source, training);
        }
        new CorpusSummary(tokenizer.Fingerprint, tokenizer.VocabularySize, shards, dropped).Write(folder);
    }

    private static string Numbered(string split, int number) => number == 1 ? split : $"{split}-{number:D3}";

    private void Write(string language, string split, IReadOnlyList<TokenDocument> documents)
    {
        TokenShardWriter.Write(folder, $"{language}.{split}", documents, tokenizer.VocabularySize, tokenizer.Fingerprint);
        shards.Add(ShardSummary.Of(language, split, documents));
        Terminal.Note($"{language}.{split}: {documents.Count} documents, {shards[^1].Tokens} tokens, {shards[^1].BytesPerToken:F3} bytes per token");
    }
}
