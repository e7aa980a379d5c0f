using System.Text;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Tests.Checkpoints;

/// <summary>Writes a small byte-level tokenizer: tokenizer.json, or vocab.json with merges.txt and the two files of added tokens.</summary>
public static class TokenizerFiles
{
    public static void Write(TokenizerCase tokenizer, string folder)
    {
        var vocabulary = new JsonObject();
        int first = tokenizer.SpecialFirst ? tokenizer.Special.Length : 0;
        for (int value = 0; value < 256; value++) vocabulary[Character((byte)value).ToString()] = first + value;
        foreach (string merge in TokenizerCase.Merges) vocabulary[merge.Replace(" ", "")] = first + vocabulary.Count;
        if (tokenizer.Class is { } kind) WriteVocabulary(tokenizer, vocabulary, kind, folder);
        else WriteJson(tokenizer, vocabulary, folder);
    }

    private static void WriteJson(TokenizerCase tokenizer, JsonObject vocabulary, string folder)
    {
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. tokenizer.Special.Select(s => new JsonObject { ["id"] = tokenizer.IdOf(s), ["content"] = s, ["special"] = true })]),
            ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = tokenizer.Pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. TokenizerCase.Merges.Select(m => JsonValue.Create(m))]) },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.ToJsonString());
    }

    private static void WriteVocabulary(TokenizerCase tokenizer, JsonObject vocabulary, string kind, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "vocab.json"), vocabulary.ToJsonString());
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\n" + string.Join('\n', TokenizerCase.Merges) + "\n", new UTF8Encoding(false));
        var added = new JsonObject(tokenizer.Special.Select(s => KeyValuePair.Create<string, JsonNode?>(s, tokenizer.IdOf(s))));
        File.WriteAllText(Path.Combine(folder, "added_tokens.json"), added.ToJsonString());
        var decoder = new JsonObject(tokenizer.Special.Select(s => KeyValuePair.Create<string, JsonNode?>($"{tokenizer.IdOf(s)}", new JsonObject { ["content"] = s, ["special"] = true })));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), new JsonObject { ["added_tokens_decoder"] = decoder, ["tokenizer_class"] = kind }.ToJsonString());
    }

    /// <summary>GPT-2's spelling of a byte.</summary>
    private static char Character(byte value)
    {
        static bool Printable(int v) => v is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return Printable(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(v => !Printable(v)));
    }
}
