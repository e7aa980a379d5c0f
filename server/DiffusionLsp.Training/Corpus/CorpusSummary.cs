using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Training.Corpus;

/// <summary>The contents of <c>corpus.json</c>: counts and licences of the shards beside it. It holds no tokens.</summary>
/// <param name="TokenizerFingerprint">SHA-256 of the tokenizer.json that produced the ids.</param>
/// <param name="VocabularySize">All ids are below this.</param>
/// <param name="Shards">One entry per language and split.</param>
/// <param name="Dropped">Documents dropped, by language and reason.</param>
internal sealed record CorpusSummary(
    string TokenizerFingerprint,
    int VocabularySize,
    IReadOnlyList<ShardSummary> Shards,
    IReadOnlyDictionary<string, IReadOnlyDictionary<DropReason, int>> Dropped)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "corpus.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes the file.</summary>
    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Options) + "\n");
}

/// <summary>Statistics of one shard.</summary>
/// <param name="Language">Language.</param>
/// <param name="Split">train, validation or eval.</param>
/// <param name="Documents">Source files.</param>
/// <param name="Bytes">UTF-8 bytes of text.</param>
/// <param name="Tokens">Token ids.</param>
/// <param name="Packages">Number of packages.</param>
/// <param name="Licenses">Documents by declared licence.</param>
internal sealed record ShardSummary(
    string Language, string Split, int Documents, long Bytes, long Tokens, int Packages, IReadOnlyDictionary<string, int> Licenses)
{
    /// <summary>Mean number of UTF-8 bytes per token.</summary>
    public double BytesPerToken => Tokens == 0 ? 0 : Math.Round((double)Bytes / Tokens, 3);

    /// <summary>Counts a list of documents.</summary>
    public static ShardSummary Of(string language, string split, IReadOnlyList<TokenDocument> documents) => new(
        language,
        split,
        documents.Count,
        documents.Sum(document => (long)document.Bytes),
        documents.Sum(document => (long)document.Tokens.Length),
        documents.Select(document => document.Package).Distinct().Count(),
        documents.GroupBy(document => document.License ?? "unknown").OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count()));
}
