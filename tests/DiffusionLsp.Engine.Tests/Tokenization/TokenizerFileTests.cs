using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Supported forms of tokenizer.json, and damage that is rejected in one sentence with file, cause and cure.</summary>
public sealed class TokenizerFileTests
{
    private static readonly int[] Expected = TinyTokenizer.Load().Encode("int ret x\n ret");

    /// <summary>Name, damage, and what the message must say.</summary>
    private static readonly (string Name, Action<JsonObject> Damage, string Says)[] Damages =
    [
        ("no model", json => json.Remove("model"), "has no \"model\" object"),
        ("model is text", json => json["model"] = "BPE", "has no \"model\" object"),
        ("unigram", json => json["model"]!["type"] = "Unigram", "model of type 'Unigram'"),
        ("byte fallback", json => json["model"]!["byte_fallback"] = true, "model.byte_fallback"),
        ("suffix", json => json["model"]!["end_of_word_suffix"] = "</w>", "model.end_of_word_suffix"),
        ("no vocabulary", json => Model(json).Remove("vocab"), "has no \"vocab\" object"),
        ("no merges", json => Model(json).Remove("merges"), "has no \"merges\" array"),
        ("gap", json => Vocabulary(json)["int"] = 9999, "gives 'int' the id 9999"),
        ("negative id", json => Vocabulary(json)["int"] = -1, "gives 'int' the id -1"),
        ("same id twice", json => Vocabulary(json)["int"] = 65, "the id 65"),
        ("id is text", json => Vocabulary(json)["int"] = "1", "has a field of the wrong type"),
        ("missing byte", json => { Vocabulary(json).Remove("Ċ"); Vocabulary(json)["ZZ"] = 10; }, "no token for the byte 0x0A"),
        ("foreign spelling", json => { Vocabulary(json).Remove("int"); Vocabulary(json)["in t"] = 261; }, "'in t', which is not spelt"),
        ("merge of unknown part", json => Merges(json).Add("q zz"), "'zz' is not in the vocabulary"),
        ("merge into unknown token", json => Merges(json).Add("q q"), "'qq' is not in the vocabulary"),
        ("merge of one", json => Merges(json).Add("int"), "merge that is not a pair at place 8"),
        ("merge of three", json => Merges(json).Add(new JsonArray("i", "n", "t")), "merge that is not a pair at place 8"),
        ("merge twice", json => Merges(json).Add("i n"), "merge of 'i' and 'n' twice"),
        ("merge is a number", json => Merges(json).Add(3), "has a field of the wrong type"),
        ("added token twice", json => Added(json)[6]!["content"] = "<|mask|>", "the added token <|mask|> twice"),
        ("added id differs", json => Vocabulary(json)["<|mask|>"] = 1, "gives <|mask|> the id 1 in the vocabulary and 264"),
        ("added token without id", json => Added(json)[0]!.AsObject().Remove("id"), "has a field of the wrong type"),
        ("no mask", json => Added(json)[0]!["content"] = "<|musk|>", "has no special token <|mask|>"),
        ("no end of text", json => Added(json)[1]!["content"] = "<|end|>", "has no special token <|endoftext|>"),
        ("no pre-tokenizer", json => json["pre_tokenizer"] = null, "a pre-tokenizer of type 'none'"),
        ("whitespace", json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" }, "a pre-tokenizer of type 'Whitespace'"),
        ("unknown sequence", json => Split(json)["type"] = "Digits", "the pre-tokenizer sequence [Digits, ByteLevel]"),
        ("prefix space", json => json["pre_tokenizer"]!["pretokenizers"]![1]!["add_prefix_space"] = true, "adds a space before the text"),
        ("both patterns", json => json["pre_tokenizer"]!["pretokenizers"]![1]!["use_regex"] = true, "use_regex after a Split"),
        ("pattern is a string", json => Split(json)["pattern"] = new JsonObject { ["String"] = " " }, "whose pattern is not a Regex"),
        ("pattern is wrong", json => json.WithPattern("(["), "not a regular expression"),
        ("pattern that backtracks for ever", json => json.WithPattern("(a+)+$"), "a pre-tokenizer pattern that needs the anchor $, which cannot be matched in linear time"),
        ("pattern of another engine", json => json.WithPattern("(?<=a)b|c"), "which cannot be matched in linear time"),
        ("pieces removed", json => Split(json)["behavior"] = "Removed", "behavior 'Removed'"),
        ("normalizer", json => json["normalizer"] = new JsonObject { ["type"] = "Lowercase" }, "a normalizer of type 'Lowercase'"),
    ];

    public static TheoryData<string> DamageNames => new(Damages.Select(damage => damage.Name));

    [Theory]
    [MemberData(nameof(DamageNames))]
    public void DamageIsRefused(string name)
    {
        (_, Action<JsonObject> damage, string says) = Damages.Single(damage => damage.Name == name);
        JsonObject json = TinyTokenizer.Json();
        damage(json);
        AssertRefused(says, () => TinyTokenizer.Load(json));
    }

    [Theory]
    [InlineData("", "is not valid JSON (line 1)")]
    [InlineData("{\n\"model\":", "is not valid JSON (line 2)")]
    [InlineData("[]", "has no \"model\" object")]
    public void OtherContentIsRefused(string content, string says) => AssertRefused(says, () => TinyTokenizer.LoadText(content));

    [Fact]
    public void ATokenListedTwiceIsRefused() => AssertRefused(
        "contains the token 'int' twice",
        () => TinyTokenizer.LoadText(TinyTokenizer.Json().ToJsonString().Replace("\"ret\":257", "\"int\":257")));

    [Fact]
    public void AMissingFileIsRefused() => AssertRefused("does not exist", () => CodeTokenizer.Load(Path.Combine(Path.GetTempPath(), "no-such-model")));

    [Fact]
    public void MergesMayBeArrays()
    {
        JsonObject json = TinyTokenizer.Json();
        json["model"]!["merges"] = new JsonArray([.. TinyTokenizer.Merges.Select(merge => new JsonArray([.. merge.Split(' ').Select(part => JsonValue.Create(part))]))]);
        Assert.Equal(Expected, TinyTokenizer.Load(json).Encode("int ret x\n ret"));
    }

    [Fact]
    public void ABareByteLevelMeansGpt2sPattern()
    {
        JsonObject json = TinyTokenizer.Json();
        json["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true };
        CodeTokenizer tokenizer = TinyTokenizer.Load(json);
        Assert.Equal([261, 10, 258], tokenizer.Encode("int\n x")); // here the space belongs to the x
    }

    [Fact]
    public void AddedTokensMayStandInTheVocabularyToo()
    {
        JsonObject json = TinyTokenizer.Json();
        Vocabulary(json)["<|mask|>"] = TinyTokenizer.FirstSpecial;
        CodeTokenizer tokenizer = TinyTokenizer.Load(json);
        Assert.Equal(TinyTokenizer.FirstSpecial, tokenizer.Special.Mask);
        Assert.DoesNotContain(tokenizer.Special.Mask, tokenizer.Encode("<|mask|>"));
    }

    [Fact]
    public void AByteOrderMarkAndNfcAreAccepted()
    {
        JsonObject json = TinyTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        CodeTokenizer tokenizer = TinyTokenizer.LoadText("\uFEFF" + json.ToJsonString());
        Assert.Equal("e\u0301", tokenizer.Decode(tokenizer.Encode("e\u0301")));
    }

    private static void AssertRefused(string says, Func<CodeTokenizer> load)
    {
        string message = Assert.Throws<EngineException>(load).Message;
        Assert.Contains(says, message);
        Assert.StartsWith("'", message); // the file
        Assert.Contains("tokenizer.json'", message);
        Assert.Contains("; ", message); // the cure
        Assert.EndsWith(".", message);
        Assert.DoesNotContain("\n", message);
    }

    private static JsonObject Model(JsonObject json) => json["model"]!.AsObject();

    private static JsonObject Vocabulary(JsonObject json) => json["model"]!["vocab"]!.AsObject();

    private static JsonArray Merges(JsonObject json) => json["model"]!["merges"]!.AsArray();

    private static JsonArray Added(JsonObject json) => json["added_tokens"]!.AsArray();

    private static JsonObject Split(JsonObject json) => json["pre_tokenizer"]!["pretokenizers"]![0]!.AsObject();
}
