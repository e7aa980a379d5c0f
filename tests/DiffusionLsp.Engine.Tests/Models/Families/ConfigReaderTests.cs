using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>Sizes out of range are rejected for every family, in one sentence, before weights are read or anything large is allocated.</summary>
public sealed class ConfigReaderTests
{
    private const long MostAllocated = 64 << 20;

    private static readonly string[] Sizes =
    [
        "num_hidden_layers", "n_layers", "hidden_size", "d_model", "num_attention_heads", "n_heads", "num_key_value_heads", "n_kv_heads", "mlp_hidden_size",
        "vocab_size", "max_position_embeddings", "max_sequence_length", "num_experts", "num_experts_per_tok", "moe_intermediate_size", "expert_intermediate_size", "head_dim", "embedding_size",
    ];

    private static readonly string[] Numbers = ["rms_norm_eps", "rope_theta"];

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(c => c.Name)];

    [Theory, MemberData(nameof(Families))]
    public void A_size_out_of_range_is_refused(string name) =>
        Check(name, Sizes, ["-1", "0", "2147483647", "2147483648", "1e400", "-1e400", "1.5", "\"4\"", "[4]", "{\"a\":\n4}", "true", "\"\\ud800\"", new string('9', 5000)]);

    [Theory, MemberData(nameof(Families))]
    public void A_number_out_of_range_is_refused(string name) => Check(name, Numbers, ["-1", "0", "1e13", "1e400", "-1e400", "\"4\"", "[4]", "false"]);

    [Theory, MemberData(nameof(Families))]
    public void A_million_layers_heads_or_positions_are_refused(string name) =>
        Check(name, ["num_hidden_layers", "n_layers", "num_attention_heads", "n_heads", "max_position_embeddings", "max_sequence_length", "num_experts"], ["1000000"]);

    [Theory, MemberData(nameof(Families))]
    public void A_text_that_is_none_is_refused(string name) => Check(name, ["model_type", "hidden_act", "activation_type"], ["5", "\"\\ud800\"", "[]"]);

    /// <summary>Puts each value in place of each key in the family's configuration.</summary>
    private static void Check(string name, string[] keys, string[] values)
    {
        using var folder = new TemporaryFolder();
        new GeneratedCheckpoint(FamilyCases.Of(name)).Write(folder.Path);
        foreach (string file in Directory.EnumerateFiles(folder.Path, "*.safetensors")) File.Delete(file);
        string path = folder.File("config.json"), original = File.ReadAllText(path);
        _ = ModelDescription.Read(folder.Path);
        int tried = 0;
        foreach (string key in keys)
        {
            JsonNode json = JsonNode.Parse(original)!;
            if (json[key] is null) continue;
            json[key] = "MARK";
            string marked = json.ToJsonString();
            foreach (string value in values)
            {
                tried++;
                File.WriteAllText(path, marked.Replace("\"MARK\"", value));
                long before = GC.GetAllocatedBytesForCurrentThread();
                string message = Assert.Throws<EngineException>(() => ModelDescription.Read(folder.Path)).Message;
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
                Assert.True(message.EndsWith('.') && message.Contains("; ") && message.Length < 700 && !message.Any(char.IsControl) && !message.Contains("System."), $"{key} {value}: {message}");
                Assert.Contains(folder.Path, message);
            }
        }
        Assert.True(tried > 0);
    }
}
