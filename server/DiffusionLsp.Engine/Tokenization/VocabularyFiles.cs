using System.Text;
using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Reads a byte-level BPE tokenizer in the older format, <c>vocab.json</c> and <c>merges.txt</c> (Dream, Qwen2). Its added tokens are
/// in <c>added_tokens.json</c> and <c>tokenizer_config.json</c>, and the class named in the latter implies the pattern.
/// </summary>
internal static class VocabularyFiles
{
    public const string Vocabulary = "vocab.json";
    public const string Merges = "merges.txt";
    private const string Added = "added_tokens.json";
    private const string Configuration = "tokenizer_config.json";

    /// <summary>The pattern that each tokenizer class implies.</summary>
    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["DreamTokenizer"] = PreTokenizerPattern.Qwen2,
        ["Qwen2Tokenizer"] = PreTokenizerPattern.Qwen2,
        ["Qwen2TokenizerFast"] = PreTokenizerPattern.Qwen2,
        ["GPT2Tokenizer"] = PreTokenizerPattern.Gpt2,
        ["GPT2TokenizerFast"] = PreTokenizerPattern.Gpt2,
    };

    public static bool Exist(string folder) => File.Exists(Path.Combine(folder, Vocabulary)) && File.Exists(Path.Combine(folder, Merges));

    /// <summary>Reads and checks the files.</summary>
    /// <exception cref="EngineException">A file is damaged or unsupported.</exception>
    public static TokenizerFile Read(string folder)
    {
        string path = Path.Combine(folder, Vocabulary);
        try
        {
            Dictionary<string, int> added = ReadAdded(folder, out string pattern);
            Dictionary<string, int> vocabulary = ReadIds(path);
            foreach ((string content, int id) in added)
            {
                if (vocabulary.Remove(content, out int other) && other != id)
                    throw TokenizerFile.Refuse(path, $"gives {content} the id {other}, and the added tokens {id}", "make the two agree");
            }
            TokenizerFileChecks.Ids(path, vocabulary, added);
            return new TokenizerFile(vocabulary, ReadMerges(Path.Combine(folder, Merges), vocabulary), added, pattern, Fingerprint(folder), path);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or JsonException or KeyNotFoundException)
        {
            throw new EngineException($"'{path}' or a file beside it is damaged ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); fetch the tokenizer again.", e);
        }
    }

    private static Dictionary<string, int> ReadAdded(string folder, out string pattern)
    {
        string file = Path.Combine(folder, Added), configuration = Path.Combine(folder, Configuration);
        Dictionary<string, int> added = File.Exists(file) ? ReadIds(file) : new(StringComparer.Ordinal);
        pattern = PreTokenizerPattern.Qwen2;
        if (!File.Exists(configuration)) throw TokenizerFile.Refuse(configuration, "does not exist", "fetch the tokenizer's files again, because it names the tokenizer's class");
        using JsonDocument document = JsonDocument.Parse(Bytes(configuration));
        string kind = document.RootElement.GetProperty("tokenizer_class").GetString() ?? "none";
        pattern = Patterns.GetValueOrDefault(kind)
            ?? throw TokenizerFile.Refuse(configuration, $"names the tokenizer {kind}", $"without a tokenizer.json only these are supported: {string.Join(", ", Patterns.Keys)}");
        if (!document.RootElement.TryGetProperty("added_tokens_decoder", out JsonElement list)) return added;
        foreach (JsonProperty entry in list.EnumerateObject())
        {
            string content = entry.Value.GetProperty("content").GetString() ?? "";
            int id = int.Parse(entry.Name);
            if (!added.TryAdd(content, id) && added[content] != id)
                throw TokenizerFile.Refuse(configuration, $"gives {content} the id {id}, and {Added} {added[content]}", "make the two agree");
        }
        return added;
    }

    private static Dictionary<string, int> ReadIds(string path)
    {
        using JsonDocument document = StrictJson.Parse(Bytes(path));
        return document.RootElement.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetInt32(), StringComparer.Ordinal);
    }

    private static List<(string, string)> ReadMerges(string path, Dictionary<string, int> vocabulary)
    {
        var merges = new List<(string, string)>();
        var seen = new HashSet<(string, string)>();
        foreach (string line in Encoding.UTF8.GetString(Bytes(path)).Split('\n'))
        {
            string text = line.TrimEnd('\r');
            if (text.Length == 0 || text.StartsWith("#version", StringComparison.Ordinal)) continue;
            if (text.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right])
                throw TokenizerFile.Refuse(path, $"has a merge that is not a pair at place {merges.Count}", "fetch the file again");
            if (!vocabulary.ContainsKey(left) || !vocabulary.ContainsKey(right) || !vocabulary.ContainsKey(left + right))
                throw TokenizerFile.Refuse(path, $"has a merge of '{left}' and '{right}' that is not in the vocabulary", "fetch the file again");
            if (!seen.Add((left, right))) throw TokenizerFile.Refuse(path, $"lists the merge of '{left}' and '{right}' twice", "fetch the file again");
            merges.Add((left, right));
        }
        return merges;
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return RegularFile.ReadBytes(path, TokenizerFile.MostBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be read ({e.Message.TrimEnd('.')}); check that it is a readable file.", e);
        }
    }

    private static string Fingerprint(string folder)
    {
        var hash = new Sha256();
        foreach (string name in new[] { Vocabulary, Merges, Added, Configuration })
            if (File.Exists(Path.Combine(folder, name))) hash.Append(Bytes(Path.Combine(folder, name)));
        return Convert.ToHexStringLower(hash.Finish());
    }
}
