using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>config.json: what is read, and that every invalid value is named.</summary>
public sealed class ModelConfigTests
{
    [Theory]
    [InlineData("hidden_size", "0")]
    [InlineData("hidden_size", "-256")]
    [InlineData("hidden_size", "\"256\"")]
    [InlineData("hidden_size", "2.5")]
    [InlineData("hidden_size", null)]
    [InlineData("num_hidden_layers", "0")]
    [InlineData("num_hidden_layers", "99999999")]
    [InlineData("num_attention_heads", "0")]
    [InlineData("num_attention_heads", null)]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("num_key_value_heads", "8")]
    [InlineData("head_dim", "63")]
    [InlineData("head_dim", "-2")]
    [InlineData("intermediate_size", "0")]
    [InlineData("vocab_size", "-1")]
    [InlineData("vocab_size", "99999999999")]
    [InlineData("max_position_embeddings", "0")]
    [InlineData("max_position_embeddings", "1000000")]
    [InlineData("num_hidden_layers", "1000000")]
    [InlineData("num_attention_heads", "1000000")]
    [InlineData("vocab_size", "2147483647")]
    [InlineData("rms_norm_eps", "1e400")]
    [InlineData("rms_norm_eps", "2")]
    [InlineData("rope_theta", "1e13")]
    [InlineData("attention", "7")]
    [InlineData("architectures", "[]")]
    [InlineData("architectures", "[null]")]
    [InlineData("num_experts", "{\"Count\":1000000,\"PerToken\":1,\"IntermediateSize\":8}")]
    [InlineData("context_block_size", "0")]
    [InlineData("context_block_size", "1000000")]
    [InlineData("rms_norm_eps", "0")]
    [InlineData("rms_norm_eps", "\"NaN\"")]
    [InlineData("rope_theta", "1")]
    [InlineData("attention", "\"sideways\"")]
    [InlineData("qk_norm", "1")]
    [InlineData("tie_word_embeddings", "\"yes\"")]
    [InlineData("architectures", "null")]
    public void A_wrong_value_is_named(string key, string? value)
    {
        JsonObject json = Good();
        if (value is null) json.Remove(key);
        else json[key == "num_experts" ? "experts" : key] = JsonNode.Parse(value);
        string message = Refused(json.ToJsonString());
        Assert.Contains(key, message);
        Assert.Contains("config.json", message);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("System.", message);
        Assert.DoesNotContain("DiffusionLsp.", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"hidden_size\": 256,")]
    public void What_is_no_configuration_is_refused(string text) => Assert.Contains("config.json", Refused(text));

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("config.json", Assert.Throws<EngineException>(() => ModelConfig.Load(folder.Path)).Message);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        ModelConfig config = TinyModel.Shape(63) with { Attention = AttentionKind.Full };
        ModelConfig read = Load(config.ToJson());
        Assert.Equal(config with { Architectures = [] }, read with { Architectures = [] }); // lists compare by reference
        Assert.Equal(config.Architectures, read.Architectures);
    }

    [Fact]
    public void Unknown_keys_are_none_of_our_business()
    {
        JsonObject json = Good();
        json["torch_dtype"] = "bfloat16";
        Assert.Equal(256, Load(json.ToJsonString()).HiddenSize);
    }

    private static JsonObject Good() => (JsonObject)JsonNode.Parse("""
        {"hidden_size": 256, "num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64,
         "intermediate_size": 704, "vocab_size": 8192, "max_position_embeddings": 4096, "attention": "block_causal"}
        """)!;

    private static string Refused(string text) => Assert.Throws<EngineException>(() => Load(text)).Message;

    private static ModelConfig Load(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), text);
        return ModelConfig.Load(folder.Path);
    }
}
