using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Families;

namespace DiffusionLsp.Engine.Tests.Models.Families;

/// <summary>
/// The published configurations, tensor by tensor, without allocating any: the number of tensors and of parameters, and
/// some names and shapes as the checkpoints' indexes list them.
/// </summary>
public sealed class PublishedShapesTests
{
    private const string Qwen7B = """
        {"hidden_act":"silu","hidden_size":3584,"intermediate_size":18944,"max_position_embeddings":131072,"num_attention_heads":28,"num_hidden_layers":28,
         "num_key_value_heads":4,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"tie_word_embeddings":false,"use_sliding_window":false,"vocab_size":152064}
        """;

    private const string QwenHalf = """
        {"hidden_act":"silu","hidden_size":896,"intermediate_size":4864,"max_position_embeddings":32768,"num_attention_heads":14,"num_hidden_layers":24,
         "num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"tie_word_embeddings":true,"use_sliding_window":false,"vocab_size":151936}
        """;

    private const string Qwen3Body = """
        {"attention_bias":false,"head_dim":128,"hidden_act":"silu","max_position_embeddings":32768,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":1000000,
         "use_sliding_window":false,"vocab_size":151936}
        """;

    /// <summary>Family, config.json, changes to it, tensors, numbers, and one tensor with its shape.</summary>
    public static TheoryData<string, string, string, int, long, string, long[]> Published => new()
    {
        // 15,231,233,024 bytes of bfloat16: the total_size of Qwen2.5-7B, whose body Dream has.
        { "dream", Qwen7B, "{}", 339, 7_615_616_512, "model.layers.27.self_attn.k_proj.bias", [512] },
        { "dreamon", Qwen7B, "{}", 339, 7_615_616_512, "lm_head.weight", [152064, 3584] },
        { "fast-dllm-v2", Qwen7B, "{}", 339, 7_615_616_512, "model.layers.0.mlp.down_proj.weight", [3584, 18944] },
        { "open-dcoder", QwenHalf, "{}", 290, 494_032_768, "model.layers.23.self_attn.v_proj.weight", [128, 896] },
        { "tiny-a2d", QwenHalf, """{"tie_word_embeddings":false,"model_type":"a2d-qwen2"}""", 291, 630_167_424, "lm_head.weight", [151936, 896] },
        { "coda", Qwen3Body, """{"hidden_size":2048,"intermediate_size":6144,"num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"tie_word_embeddings":true}""",
            310, 1_720_574_976, "model.layers.5.self_attn.q_norm.weight", [128] },
        // 16,381,470,720 bytes of bfloat16: the total_size of SDAR-8B-Chat.
        { "sdar", Qwen3Body, """{"hidden_size":4096,"intermediate_size":12288,"num_attention_heads":32,"num_hidden_layers":36,"num_key_value_heads":8,"tie_word_embeddings":false}""",
            399, 8_190_735_360, "model.layers.35.self_attn.k_norm.weight", [128] },
        { "llada", """
            {"activation_type":"silu","alibi":false,"block_type":"llama","d_model":4096,"embedding_size":126464,"include_bias":false,"include_qkv_bias":false,
             "layer_norm_type":"rms","max_sequence_length":4096,"mlp_hidden_size":12288,"n_heads":32,"n_kv_heads":32,"n_layers":32,"rms_norm_eps":1e-05,"rope":true,
             "rope_theta":500000.0,"vocab_size":126464,"weight_tying":false}
            """, "{}", 291, 8_015_581_184, "model.transformer.blocks.31.ff_out.weight", [4096, 12288] },
        { "stable-diffcoder", """
            {"attention_bias":false,"head_dim":128,"hidden_act":"silu","hidden_size":4096,"intermediate_size":14336,"max_position_embeddings":8192,"mlp_bias":false,
             "num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":500000.0,
             "tie_word_embeddings":false,"vocab_size":155136}
            """, "{}", 291, 8_250_462_208, "model.layers.9.self_attn.o_proj.weight", [4096, 4096] },
        { "llada2", """
            {"first_k_dense_replace":1,"head_dim":128,"hidden_act":"silu","hidden_size":2048,"intermediate_size":5120,"max_position_embeddings":32768,
             "moe_intermediate_size":512,"n_group":8,"norm_topk_prob":true,"num_attention_heads":16,"num_experts":256,"num_experts_per_tok":8,"num_hidden_layers":20,
             "num_key_value_heads":4,"num_shared_experts":1,"partial_rotary_factor":0.5,"rms_norm_eps":1e-06,"rope_theta":600000,"routed_scaling_factor":2.5,
             "score_function":"sigmoid","tie_word_embeddings":false,"topk_group":4,"vocab_size":157184}
            """, "{}", 14_813, 16_255_643_392, "model.layers.19.attention.query_key_value.weight", [3072, 2048] },
    };

    [Theory, MemberData(nameof(Published))]
    public void Every_tensor_of_the_published_model_is_expected(string family, string config, string changes, int tensors, long numbers, string name, long[] shape)
    {
        using var folder = new TemporaryFolder();
        JsonObject json = JsonNode.Parse(config)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject()) json[key] = value!.DeepClone();
        File.WriteAllText(folder.File("config.json"), json.ToJsonString());
        ModelFamily of = ModelFamilies.All.Single(f => f.Name == family);
        ModelConfig read = of.Read(ConfigReader.Open(folder.Path)).Checked();
        IReadOnlyList<StoredTensor> stored = StoredTensor.All(read, of.Names);
        Assert.Equal(tensors, stored.Count);
        Assert.Equal(numbers, stored.Sum(t => t.Count));
        Assert.Equal(numbers, ParameterTable.Count(read));
        Assert.Equal(shape, stored.Single(t => t.Name == name).Shape);
        Assert.Equal(numbers, FusedParameters.Shapes(read).Values.Sum(s => s.Aggregate(1L, (a, b) => a * b)));
    }

    [Fact]
    public void The_parts_of_a_fused_parameter_lie_side_by_side()
    {
        ModelConfig config = TinyModel.Shape(7) with { Experts = new ExpertConfig { Count = 3, PerToken = 1, IntermediateSize = 5, SharedIntermediateSize = 4, DenseLayers = 1 } };
        foreach (var whole in StoredTensor.All(config, ParameterNames.HuggingFace).Where(t => t.Place.Rows > 0).GroupBy(t => t.Place.Parameter))
        {
            long reached = 0;
            foreach (StoredTensor part in whole.OrderBy(p => p.Place.FirstRow))
            {
                Assert.Equal(reached, part.Place.FirstRow);
                reached += part.Shape[0];
            }
            Assert.Equal(whole.First().Place.Rows, reached);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_figure_needed()
    {
        MemoryNeed need = MemoryNeed.Of(TinyModel.Shape(0), 4);
        need.Require(null, "m");
        need.Require(need.Total, "m");
        var seven = new MemoryNeed(15_200_000_000, 200_000_000, 100_000_000);
        string message = Assert.Throws<EngineException>(() => seven.Require(8_000_000_000, "m")).Message;
        Assert.Contains("needs 15.5 GB of memory (15.2 GB for its weights), but 8.0 GB are free", message);
    }
}
