using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// A Hugging Face <c>tokenizer.json</c> with a byte-level BPE model, read and checked. It rejects files that it would tokenize
/// differently from their author, and encodes nothing itself.
/// </summary>
/// <param name="Vocabulary">Ids of the ordinary tokens, spelt in the byte alphabet, without the added ones.</param>
/// <param name="Merges">Pairs in rank order.</param>
/// <param name="AddedTokens">Ids of the special tokens by content.</param>
/// <param name="Pattern">The pre-tokenizer's regular expression.</param>
/// <param name="Fingerprint">SHA-256 of the file, in lower-case hexadecimal.</param>
/// <param name="Path">The file, for messages.</param>
/// <param name="IgnoreMerges">Whether a word that is itself a token bypasses the merges.</param>
internal sealed record TokenizerFile(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(string Left, string Right)> Merges,
    IReadOnlyDictionary<string, int> AddedTokens,
    string Pattern,
    string Fingerprint,
    string Path,
    bool IgnoreMerges = false)
{
    /// <summary>The file's name inside a model folder.</summary>
    public const string Name = "tokenizer.json";

    /// <summary>Size limit of a tokenizer's files in bytes.</summary>
    public const int MostBytes = 256 << 20;

    /// <summary>Reads the tokenizer of a model folder: <c>tokenizer.json</c>, or the older <c>vocab.json</c> with <c>merges.txt</c>.</summary>
    /// <exception cref="EngineException">A file is missing, damaged or unsupported.</exception>
    public static TokenizerFile ReadFolder(string folder)
    {
        string path = System.IO.Path.Combine(folder, Name);
        return !System.IO.Path.Exists(path) && VocabularyFiles.Exist(folder) ? VocabularyFiles.Read(folder) : Read(path);
    }

    /// <summary>Reads and checks the file.</summary>
    /// <exception cref="EngineException">The file is missing, damaged or unsupported.</exception>
    public static TokenizerFile Read(string path)
    {
        byte[] content = ReadBytes(path);
        string fingerprint = Convert.ToHexStringLower(Sha256.Of(content));
        using JsonDocument document = Parse(path, content);
        try
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model", out JsonElement model) || model.ValueKind != JsonValueKind.Object)
                throw Refuse(path, "has no \"model\" object", "use the tokenizer.json that belongs to the model");
            CheckModel(path, model);
            bool ignoreMerges = model.TryGetProperty("ignore_merges", out JsonElement ignored) && ignored.ValueKind == JsonValueKind.True;
            Dictionary<string, int> added = ReadAddedTokens(path, root);
            Dictionary<string, int> vocabulary = ReadVocabulary(path, model, added);
            TokenizerFileChecks.Ids(path, vocabulary, added);
            List<(string, string)> merges = ReadMerges(path, model, vocabulary);
            return new TokenizerFile(vocabulary, merges, added, PreTokenizerReader.Pattern(path, root), fingerprint, path, ignoreMerges);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new EngineException($"'{path}' has a field of the wrong type ({OneLine(e)}); fetch the file again.", e);
        }
    }

    /// <summary>One sentence with file, cause and cure.</summary>
    internal static EngineException Refuse(string path, string cause, string cure) => new($"'{path}' {cause}; {cure}.");

    private static byte[] ReadBytes(string path)
    {
        if (!System.IO.Path.Exists(path)) throw Refuse(path, "does not exist", "name a model folder with a tokenizer.json, or vocab.json and merges.txt");
        try { return RegularFile.ReadBytes(path, MostBytes); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be read ({OneLine(e)}); check that it is a readable file.", e);
        }
    }

    private static JsonDocument Parse(string path, byte[] content)
    {
        ReadOnlyMemory<byte> json = content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsMemory(3) : content;
        try { return JsonDocument.Parse(json); }
        catch (JsonException e)
        {
            throw new EngineException($"'{path}' is not valid JSON (line {e.LineNumber + 1}); fetch the file again.", e);
        }
    }

    /// <summary>Rejects options that would change the result and that <see cref="CodeTokenizer"/> does not implement.</summary>
    private static void CheckModel(string path, JsonElement model)
    {
        // Old files omit the type.
        string type = model.TryGetProperty("type", out JsonElement given) ? given.GetString() ?? "null" : "BPE";
        if (type != "BPE") throw Refuse(path, $"has a tokenizer model of type '{type}'", "only byte-level BPE is supported, so choose a model with that");
        foreach (string option in new[] { "byte_fallback" })
        {
            if (model.TryGetProperty(option, out JsonElement set) && set.ValueKind == JsonValueKind.True)
                throw Refuse(path, $"sets model.{option}, which is not supported", "choose a model whose tokenizer is plain byte-level BPE");
        }
        foreach (string option in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model.TryGetProperty(option, out JsonElement set) && set.ValueKind == JsonValueKind.String && set.GetString() != "")
                throw Refuse(path, $"sets model.{option}, which is not supported", "choose a model whose tokenizer is plain byte-level BPE");
        }
    }

    private static Dictionary<string, int> ReadAddedTokens(string path, JsonElement root)
    {
        Dictionary<string, int> added = new(StringComparer.Ordinal);
        if (!root.TryGetProperty("added_tokens", out JsonElement list) || list.ValueKind == JsonValueKind.Null) return added;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            string content = entry.GetProperty("content").GetString() ?? "";
            if (!added.TryAdd(content, entry.GetProperty("id").GetInt32()))
                throw Refuse(path, $"declares the added token {content} twice", "remove one of the two");
        }
        return added;
    }

    private static Dictionary<string, int> ReadVocabulary(string path, JsonElement model, Dictionary<string, int> added)
    {
        if (!model.TryGetProperty("vocab", out JsonElement list) || list.ValueKind != JsonValueKind.Object)
            throw Refuse(path, "has no \"vocab\" object in its model", "fetch the file again");
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        foreach (JsonProperty entry in list.EnumerateObject())
        {
            int id = entry.Value.GetInt32();
            if (added.TryGetValue(entry.Name, out int addedId))
            {
                if (addedId != id) throw Refuse(path, $"gives {entry.Name} the id {id} in the vocabulary and {addedId} in added_tokens", "make the two agree");
                continue; // an added token is never produced from text, so the merges must not see it
            }
            if (!vocabulary.TryAdd(entry.Name, id)) throw Refuse(path, $"contains the token '{entry.Name}' twice", "fetch the file again");
        }
        return vocabulary;
    }

    private static List<(string, string)> ReadMerges(string path, JsonElement model, Dictionary<string, int> vocabulary)
    {
        if (!model.TryGetProperty("merges", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw Refuse(path, "has no \"merges\" array in its model", "fetch the file again");
        List<(string, string)> merges = new(list.GetArrayLength());
        HashSet<(string, string)> seen = [];
        foreach (JsonElement entry in list.EnumerateArray())
        {
            string[] pair = entry.ValueKind == JsonValueKind.Array
                ? [.. entry.EnumerateArray().Select(part => part.GetString() ?? "")]
                : (entry.GetString() ?? "").Split(' ');
            if (pair is not [{ Length: > 0 } left, { Length: > 0 } right])
                throw Refuse(path, $"has a merge that is not a pair at place {merges.Count}", "fetch the file again");
            foreach (string token in new[] { left, right, left + right })
            {
                if (!vocabulary.ContainsKey(token))
                    throw Refuse(path, $"has a merge of '{left}' and '{right}' but '{token}' is not in the vocabulary", "fetch the file again");
            }
            if (!seen.Add((left, right))) throw Refuse(path, $"lists the merge of '{left}' and '{right}' twice", "fetch the file again");
            merges.Add((left, right));
        }
        return merges;
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
