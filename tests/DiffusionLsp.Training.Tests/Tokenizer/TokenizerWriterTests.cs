using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Tests.Tokenizer;

/// <summary>What is written is what Hugging Face's library and our reader expect.</summary>
public sealed class TokenizerWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheTrainedTokenizerCompressesAndRoundTrips()
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder.Path);
        int[] ids = tokenizer.Encode(SmallTokenizer.Text);
        Assert.Equal(SmallTokenizer.Text, tokenizer.Decode(ids));
        Assert.InRange(ids.Length, 1, SmallTokenizer.Text.Length / 2);
        Assert.Single(tokenizer.Encode(" return"[1..]));
        const string Foreign = "naïve 𝐀\r\n\t\0";
        Assert.Equal(Foreign, tokenizer.Decode(tokenizer.Encode(Foreign)));
    }

    [Fact]
    public void SpecialTokensComeLast()
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder.Path);
        int size = tokenizer.VocabularySize;
        Assert.Equal(new SpecialTokens(size - 7, size - 6, size - 5, size - 4, size - 3, size - 2, size - 1), tokenizer.Special);
    }

    [Fact]
    public void TrainingTwiceGivesTheSameFile()
    {
        string first = SmallTokenizer.Train(folder.File("one")).Fingerprint;
        Assert.Equal(first, SmallTokenizer.Train(folder.File("two")).Fingerprint);
    }

    [Fact]
    public void TheFileHasTheFieldsOfHuggingFace()
    {
        SmallTokenizer.Train(folder.Path);
        JsonObject json = JsonNode.Parse(File.ReadAllText(folder.File("tokenizer.json")))!.AsObject();
        Assert.Equal(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"],
            json.Select(field => field.Key));
        Assert.All(json["added_tokens"]!.AsArray(), token => Assert.True(token!["special"]!.GetValue<bool>()));
        Assert.Equal("ByteLevel", json["decoder"]!["type"]!.GetValue<string>());
        Assert.Equal("BPE", json["model"]!["type"]!.GetValue<string>());
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        Assert.Equal((0, 32), (vocabulary["Ā"]!.GetValue<int>(), vocabulary["Ġ"]!.GetValue<int>()));
    }
}
