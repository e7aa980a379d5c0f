using System.Text.Json.Nodes;

namespace DiffusionLsp.Tests.Checkpoints;

/// <summary>One miniature per family. Sizes are small; keys, names and flags are those of the published files.</summary>
public static class FamilyCases
{
    /// <summary>Rows of the embedding without a token, as in all published models.</summary>
    private const int Spare = 9;

    private static readonly string[] BailingSpecial = ["<|startoftext|>", "<|endoftext|>", "<role>", "</role>", "<|role_end|>", "<|mask|>"];

    private static readonly string[] Qwen = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|file_sep|>"];

    public static IReadOnlyList<FamilyCase> All { get; } =
    [
        Dream("dream", [.. Qwen, "<|beginoftext|>", "<|mask|>"]),
        Dream("dreamon", [.. Qwen, "<|beginoftext|>", "<|mask|>", "<|expand|>"]),
        Llada(),
        Illada(),
        Qwen2("open-dcoder", "qwen2", "Qwen2ForCausalLM", "<M>") with { Shift = true },
        Qwen2("tiny-a2d-qwen2", "a2d-qwen2", "A2DQwen2LMHeadModel", "<|mask|>", ownOutput: true),
        Qwen3("tiny-a2d-qwen3", "a2d-qwen3", "A2DQwen3LMHeadModel", "<|mask|>", tied: true),
        Qwen3("coda", "CoDA", "CoDALanguageModel", "<|mask|>", tied: false) with { Shift = true, ElementType = "F32", Tokenizer = new([.. Qwen, "<|mask|>"]) { Class = "Qwen2Tokenizer" } },
        StableDiffCoder(),
        Qwen3("sdar", "sdar", "SDARForCausalLM", "<|MASK|>", tied: false) with { Block = 4, SeesSuffix = false, Shards = 3 },
        FastDllm(),
        LladaMoe(),
        Llada2(),
    ];

    /// <summary>A plain autoregressive Qwen2: no mask token, and fewer rows in its embedding than the Dream model built on it.</summary>
    /// <param name="tied">Whether the output layer shares the embedding's weights.</param>
    public static FamilyCase Causal(bool tied)
    {
        FamilyCase body = Qwen2("qwen2", "qwen2", "Qwen2ForCausalLM", "<M>", ownOutput: !tied);
        var tokenizer = new TokenizerCase(Qwen);
        body.Config["vocab_size"] = tokenizer.Size + 3;
        body.Config["tie_word_embeddings"] = tied;
        return body with { Tokenizer = tokenizer, Shift = true, Block = 1 };
    }

    public static FamilyCase Of(string name) => All.Single(c => c.Name == name);

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static JsonObject WithVocabulary(JsonObject config, TokenizerCase tokenizer, string mask)
    {
        config["vocab_size"] = tokenizer.Size + Spare;
        config["mask_token_id"] = tokenizer.IdOf(mask);
        return config;
    }

    private static FamilyCase Dream(string name, string[] special)
    {
        var tokenizer = new TokenizerCase(special) { Class = "DreamTokenizer" };
        return new FamilyCase(name)
        {
            Tokenizer = tokenizer, Shift = true, Shards = 2, Body = new() { Bias = true },
            Config = WithVocabulary(Json("""
                {"architectures":["DreamModel"],"auto_map":{"AutoModel":"modeling_dream.DreamModel"},"attention_dropout":0.0,"bos_token_id":1,"eos_token_id":1,
                 "hidden_act":"silu","hidden_size":32,"initializer_range":0.02,"intermediate_size":40,"max_position_embeddings":512,"max_window_layers":28,
                 "model_type":"Dream","num_attention_heads":4,"num_hidden_layers":2,"num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_scaling":null,
                 "rope_theta":1000000.0,"sliding_window":null,"tie_word_embeddings":false,"torch_dtype":"bfloat16","use_cache":true,"use_sliding_window":false}
                """), tokenizer, "<|mask|>"),
        };
    }

    private static FamilyCase Llada()
    {
        var tokenizer = new TokenizerCase("<|startoftext|>", "<|endoftext|>", "[CLS]", "<|reserved_token_0|>", "<|mdm_mask|>", "<|eot_id|>") { Pattern = TokenizerCase.Bailing };
        JsonObject config = WithVocabulary(Json("""
            {"activation_type":"silu","alibi":false,"architectures":["LLaDAModelLM"],"attention_layer_norm":false,"bias_for_layer_norm":false,"block_group_size":1,
             "block_type":"llama","d_model":32,"include_bias":false,"include_qkv_bias":false,"input_emb_norm":false,"layer_norm_type":"rms","max_sequence_length":512,
             "mlp_hidden_size":40,"mlp_ratio":4,"model_type":"llada","multi_query_attention":null,"n_heads":4,"n_kv_heads":4,"n_layers":2,"rms_norm_eps":1e-05,
             "rope":true,"rope_full_precision":true,"rope_theta":500000.0,"scale_logits":false,"use_cache":false,"weight_tying":false}
            """), tokenizer, "<|mdm_mask|>");
        config["embedding_size"] = (int)config["vocab_size"]!;
        return new FamilyCase("llada")
        {
            Tokenizer = tokenizer, Config = config, Shards = 3, Body = new() { KeyValueHeads = 4, Epsilon = 1e-5, Theta = 500_000 },
            Stored = name => name switch
            {
                "model.embed_tokens.weight" => "model.transformer.wte.weight",
                "model.norm.weight" => "model.transformer.ln_f.weight",
                "lm_head.weight" => "model.transformer.ff_out.weight",
                _ => name.Replace("model.layers.", "model.transformer.blocks.").Replace("input_layernorm", "attn_norm").Replace("post_attention_layernorm", "ff_norm")
                    .Replace("self_attn.o_proj", "attn_out").Replace("self_attn.", "").Replace("mlp.gate_proj", "ff_proj").Replace("mlp.up_proj", "up_proj").Replace("mlp.down_proj", "ff_out"),
            },
        };
    }

    private static FamilyCase Illada()
    {
        var tokenizer = new TokenizerCase("<bos>", "<pad>", "<eos>", "<unk>", "<user>", "<|mdm_mask|>") { SpecialFirst = true, Pattern = TokenizerCase.Bailing };
        return new FamilyCase("illada")
        {
            Tokenizer = tokenizer, Body = new() { Epsilon = 1e-5, Theta = 500_000, Tied = true },
            Config = WithVocabulary(Json("""
                {"architectures":["LLaDAModelLM"],"attention_bias":false,"bos_token_id":0,"eos_token_id":2,"hidden_act":"silu","hidden_size":32,"intermediate_size":40,
                 "max_position_embeddings":8192,"model_type":"llada","num_attention_heads":4,"num_hidden_layers":2,"num_key_value_heads":2,"pad_token_id":1,
                 "rms_norm_eps":1e-05,"rope_theta":500000.0,"tie_word_embeddings":true}
                """), tokenizer, "<|mdm_mask|>"),
        };
    }

    private static FamilyCase Qwen2(string name, string modelType, string architecture, string mask, bool ownOutput = false)
    {
        var tokenizer = new TokenizerCase([.. Qwen, mask]);
        JsonObject config = WithVocabulary(Json("""
            {"attention_dropout":0.0,"hidden_act":"silu","hidden_size":32,"intermediate_size":40,"max_position_embeddings":512,"max_window_layers":21,
             "num_attention_heads":4,"num_hidden_layers":2,"num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"sliding_window":null,
             "tie_word_embeddings":true,"torch_dtype":"bfloat16","use_sliding_window":false}
            """), tokenizer, mask);
        config.Remove("mask_token_id"); // these say nothing of their mask
        config["model_type"] = modelType;
        config["architectures"] = new JsonArray(architecture);
        return new FamilyCase(name) { Tokenizer = tokenizer, Config = config, Body = new() { Bias = true, Tied = !ownOutput } };
    }

    private static FamilyCase Qwen3(string name, string modelType, string architecture, string mask, bool tied)
    {
        var tokenizer = new TokenizerCase([.. Qwen, mask]);
        JsonObject config = WithVocabulary(Json("""
            {"attention_bias":false,"attention_dropout":0.0,"head_dim":10,"hidden_act":"silu","hidden_size":32,"intermediate_size":40,"max_position_embeddings":512,
             "num_attention_heads":4,"num_hidden_layers":2,"num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":1000000,
             "sliding_window":null,"torch_dtype":"bfloat16","use_sliding_window":false}
            """), tokenizer, mask);
        config["model_type"] = modelType;
        config["architectures"] = new JsonArray(architecture);
        config["tie_word_embeddings"] = tied;
        return new FamilyCase(name) { Tokenizer = tokenizer, Config = config, Body = new() { HeadSize = 10, QueryKeyNorm = true, Tied = tied } };
    }

    private static FamilyCase StableDiffCoder()
    {
        var tokenizer = new TokenizerCase("<[begin▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[end▁of▁sentence]>", "<[SEP▁TOKEN]>", "<[CLS▁TOKEN]>", "<[MASK_TOKEN]>",
            "<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>") { SpecialFirst = true, Pattern = TokenizerCase.SeedCoder };
        return new FamilyCase("stable-diffcoder")
        {
            Tokenizer = tokenizer, Block = 4, Shards = 2, Body = new() { Theta = 500_000 },
            Config = WithVocabulary(Json("""
                {"architectures":["StableDiffcoderForCausalLM"],"auto_map":{"AutoModelForCausalLM":"modeling_stable_diffcoder.StableDiffcoderForCausalLM"},
                 "attention_bias":false,"bos_token_id":0,"eos_token_id":2,"head_dim":8,"hidden_act":"silu","hidden_size":32,"intermediate_size":40,
                 "max_position_embeddings":512,"mlp_bias":false,"model_type":"llama","num_attention_heads":4,"num_hidden_layers":2,"num_key_value_heads":2,
                 "pad_token_id":1,"pretraining_tp":1,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":500000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}
                """), tokenizer, "<[MASK_TOKEN]>"),
        };
    }

    private static FamilyCase FastDllm()
    {
        FamilyCase body = Qwen2("fast-dllm-v2", "Fast_dLLM_Qwen", "Fast_dLLM_QwenForCausalLM", "|<MASK>|");
        body.Config["bd_size"] = 8;
        return body with { Shift = true, Block = 8, SeesSuffix = false };
    }

    private static FamilyCase LladaMoe()
    {
        var tokenizer = new TokenizerCase(BailingSpecial) { Pattern = TokenizerCase.Bailing };
        JsonObject config = WithVocabulary(Json("""
            {"architectures":["LLaDAMoEModelLM"],"attention_bias":false,"dense_intermediate_size":40,"expert_intermediate_size":12,"hidden_act":"silu","hidden_size":32,
             "max_position_embeddings":512,"model_type":"llada","moe_layer_freq":[1,1],"norm_topk_prob":null,"num_attention_heads":4,"num_experts":4,"num_experts_per_tok":2,
             "num_hidden_layers":2,"num_key_value_heads":4,"qk_layernorm":true,"rms_norm_eps":1e-05,"rope_theta":50000,"shared_expert_intermediate_size":null,
             "tie_word_embeddings":false}
            """), tokenizer, "<|mask|>");
        config.Remove("mask_token_id");
        return new FamilyCase("llada-moe")
        {
            Tokenizer = tokenizer, Config = config, Shards = 2,
            Body = new() { KeyValueHeads = 4, Epsilon = 1e-5, Theta = 50_000, QueryKeyNorm = true, Experts = new(4, 2, 12) },
        };
    }

    private static FamilyCase Llada2()
    {
        var tokenizer = new TokenizerCase(BailingSpecial) { Pattern = TokenizerCase.Bailing };
        JsonObject config = WithVocabulary(Json("""
            {"architectures":["LLaDA2MoeModelLM"],"first_k_dense_replace":1,"head_dim":8,"hidden_act":"silu","hidden_size":32,"intermediate_size":40,
             "max_position_embeddings":512,"model_type":"llada2_moe","moe_intermediate_size":12,"moe_router_enable_expert_bias":true,"n_group":4,"norm_topk_prob":true,
             "num_attention_heads":4,"num_experts":8,"num_experts_per_tok":3,"num_hidden_layers":3,"num_key_value_heads":2,"num_shared_experts":1,
             "partial_rotary_factor":0.5,"rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":600000,"routed_scaling_factor":2.5,"score_function":"sigmoid",
             "tie_word_embeddings":false,"topk_group":2,"use_bias":false,"use_qk_norm":true,"use_qkv_bias":false}
            """), tokenizer, "<|mask|>");
        config.Remove("mask_token_id");
        return new FamilyCase("llada2")
        {
            Tokenizer = tokenizer, Config = config, Block = 32, SeesSuffix = false, FusesQueryKeyValue = true,
            Body = new()
            {
                Layers = 3, Theta = 600_000, QueryKeyNorm = true, Rotated = 4,
                Experts = new(8, 3, 12) { Shared = 12, Dense = 1, Sigmoid = true, Bias = true, Groups = 4, BestGroups = 2, Normalise = true, Scale = 2.5 },
            },
            Stored = name => name.Replace("model.embed_tokens", "model.word_embeddings").Replace("self_attn.o_proj", "attention.dense")
                .Replace("self_attn.q_norm", "attention.query_layernorm").Replace("self_attn.k_norm", "attention.key_layernorm")
                .Replace("self_attn.q_proj", "attention.query_key_value"),
        };
    }
}
