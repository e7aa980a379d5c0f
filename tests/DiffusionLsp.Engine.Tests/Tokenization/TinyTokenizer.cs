using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>
/// A tokenizer.json of 256 bytes, a few merges and seven special tokens, made by hand and open to mutation. It knows
/// nothing of the code that reads it, except for the byte alphabet.
/// </summary>
internal static class TinyTokenizer
{
    /// <summary>The merges, in rank order; ids follow the bytes from 256.</summary>
    public static readonly string[] Merges = ["r e", "re t", "Ġ x", "Ċ Ġ", "i n", "in t", "< |", "| >"];

    /// <summary>The first special id.</summary>
    public static int FirstSpecial => 256 + Merges.Length;

    /// <summary>The file's content as a tree.</summary>
    public static JsonObject Json()
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++) vocabulary[ByteAlphabet.CharacterOf((byte)value).ToString()] = value;
        foreach (string merge in Merges) vocabulary[merge.Replace(" ", "")] = vocabulary.Count;
        JsonArray added = [];
        foreach (string content in SpecialTokens.Contents)
            added.Add(new JsonObject { ["id"] = vocabulary.Count + added.Count, ["content"] = content, ["special"] = true });
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = added,
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""
                {"type":"Sequence","pretokenizers":[
                  {"type":"Split","pattern":{"Regex":""},"behavior":"Isolated","invert":false},
                  {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}
                """),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. Merges.Select(merge => JsonValue.Create(merge))]) },
        }.WithPattern(PreTokenizerPattern.Code);
    }

    /// <summary>Sets the Split's regular expression.</summary>
    public static JsonObject WithPattern(this JsonObject json, string pattern)
    {
        json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = pattern;
        return json;
    }

    /// <summary>Loads the tokenizer that a tree describes.</summary>
    public static CodeTokenizer Load(JsonObject? json = null) => LoadText((json ?? Json()).ToJsonString());

    /// <summary>Loads the tokenizer that a text describes.</summary>
    public static CodeTokenizer LoadText(string content)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tokenizer-test");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), content);
            return CodeTokenizer.Load(folder.FullName);
        }
        finally { folder.Delete(recursive: true); }
    }
}
