using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// Writes learned merges as a Hugging Face <c>tokenizer.json</c>: bytes, merges, then the special tokens. It learns nothing itself.
/// </summary>
internal static class TokenizerWriter
{
    /// <summary>Writes <c>tokenizer.json</c> into a folder, which is created if missing. Returns the file's path.</summary>
    public static string Write(string folder, BpeMerges learned)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, TokenizerFile.Name);
        using FileStream stream = File.Create(path);
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, learned.Tokens.Count);
        json.WriteNull("normalizer");
        WritePreTokenizer(json);
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        WriteByteLevel(json);
        json.WriteEndObject();
        WriteModel(json, learned);
        json.WriteEndObject();
        return path;
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, int firstId)
    {
        json.WriteStartArray("added_tokens");
        for (int i = 0; i < SpecialTokens.Contents.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", firstId + i);
            json.WriteString("content", SpecialTokens.Contents[i]);
            foreach (string flag in new[] { "single_word", "lstrip", "rstrip", "normalized" }) json.WriteBoolean(flag, false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", PreTokenizerPattern.Code);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        json.WriteStartObject();
        WriteByteLevel(json);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
    }

    private static void WriteModel(Utf8JsonWriter json, BpeMerges learned)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (string unset in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" }) json.WriteNull(unset);
        foreach (string flag in new[] { "fuse_unk", "byte_fallback", "ignore_merges" }) json.WriteBoolean(flag, false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < learned.Tokens.Count; id++) json.WriteNumber(ByteAlphabet.Spell(learned.Tokens[id]), id);
        for (int i = 0; i < SpecialTokens.Contents.Count; i++) json.WriteNumber(SpecialTokens.Contents[i], learned.Tokens.Count + i);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (SymbolPair pair in learned.Merges)
            json.WriteStringValue(ByteAlphabet.Spell(learned.Tokens[pair.Left]) + " " + ByteAlphabet.Spell(learned.Tokens[pair.Right]));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
