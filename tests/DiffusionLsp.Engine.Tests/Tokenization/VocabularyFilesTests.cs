using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>vocab.json with merges.txt is the same tokenizer as tokenizer.json; reserved ids, roles by content, words that ignore merges.</summary>
public sealed class VocabularyFilesTests : IDisposable
{
    private const string Text = "int ret = x;\n  // 𝐀𝟎 <|mask|> don't\n        return\t42";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Both_forms_give_the_same_ids()
    {
        var files = new TokenizerCase("<|endoftext|>", "<|mask|>");
        TokenizerFiles.Write(files, folder.Path);
        CodeTokenizer json = CodeTokenizer.Load(folder.Path);
        File.Delete(folder.File("tokenizer.json"));
        TokenizerFiles.Write(files with { Class = "DreamTokenizer" }, folder.Path);
        CodeTokenizer vocabulary = CodeTokenizer.Load(folder.Path);
        Assert.Equal(json.Encode(Text), vocabulary.Encode(Text));
        Assert.Equal(Text, vocabulary.Decode(vocabulary.Encode(Text)));
        Assert.Equal(json.Special, vocabulary.Special);
        Assert.Contains(json.Encode(Text), id => id >= 256 && json.BytesOf(id).Length > 1); // merges were used
        Assert.DoesNotContain(json.Special.Mask, json.Encode(Text));
    }

    [Fact]
    public void Reserved_ids_above_the_tokens_are_no_text()
    {
        TokenizerFiles.Write(new TokenizerCase("<|endoftext|>", "<|mask|>"), folder.Path);
        Change(json => json["added_tokens"]![1]!["id"] = 300);
        CodeTokenizer tokenizer = CodeTokenizer.Load(folder.Path);
        Assert.Equal(300, tokenizer.Special.Mask);
        Assert.Equal(301, tokenizer.VocabularySize);
        Assert.All(Enumerable.Range(265, 36), id => Assert.True(tokenizer.BytesOf(id).IsEmpty));
    }

    [Fact]
    public void An_absurd_id_is_refused()
    {
        TokenizerFiles.Write(new TokenizerCase("<|endoftext|>", "<|mask|>"), folder.Path);
        Change(json => json["added_tokens"]![1]!["id"] = int.MaxValue);
        Assert.Contains("'<|mask|>' the id 2147483647", Assert.Throws<EngineException>(() => CodeTokenizer.Load(folder.Path)).Message);
    }

    [Fact]
    public void A_whole_word_may_go_before_the_merges()
    {
        TokenizerFiles.Write(new TokenizerCase("<|endoftext|>", "<|mask|>"), folder.Path);
        Change(json =>
        {
            json["model"]!["vocab"]!["tint"] = 266;
            json["model"]!["ignore_merges"] = true;
        });
        Assert.Equal([266], CodeTokenizer.Load(folder.Path).Encode("tint")); // no merge makes it
        Change(json => json["model"]!["ignore_merges"] = false);
        Assert.NotEqual([266], CodeTokenizer.Load(folder.Path).Encode("tint"));
    }

    [Fact]
    public void A_role_without_a_known_spelling_is_found_by_its_configured_id()
    {
        var added = new Dictionary<string, int> { ["<eos>"] = 2, ["<blank>"] = 5 };
        var roles = new TokenRoles { Mask = new TokenRole("<|mask|>") { Otherwise = 5 }, EndOfText = new("<eos>") };
        Assert.Equal(5, SpecialTokens.Find(roles, added, "f").Mask);
        Assert.Throws<EngineException>(() => SpecialTokens.Find(roles with { Mask = new TokenRole("<|mask|>") { Otherwise = 6 } }, added, "f"));
        Assert.Throws<EngineException>(() => SpecialTokens.Find(roles with { EndOfText = new TokenRole("<eos>") { Configured = ("eos_token_id", 3) } }, added, "f"));
    }

    private void Change(Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(folder.File("tokenizer.json")))!;
        change(json);
        File.WriteAllText(folder.File("tokenizer.json"), json.ToJsonString());
    }
}
