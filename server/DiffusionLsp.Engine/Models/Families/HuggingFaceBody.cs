namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// What the Llama, Qwen2 and Qwen3 bodies share in config.json: the same keys, the same computation. The families declare
/// the differences. It knows nothing of tokens.
/// </summary>
internal static class HuggingFaceBody
{
    /// <summary>A dense body.</summary>
    public static ModelConfig Read(ConfigReader config)
    {
        RequireSupported(config);
        int hidden = config.Size("hidden_size", 1 << 16), heads = config.Size("num_attention_heads", 1 << 12);
        return new ModelConfig
        {
            Architectures = [config.Architecture],
            ModelType = config.ModelType,
            HiddenSize = hidden,
            Layers = config.Size("num_hidden_layers", 1 << 10),
            Heads = heads,
            KeyValueHeads = config.Int("num_key_value_heads", heads),
            HeadSize = config.Int("head_dim", hidden / heads),
            IntermediateSize = config.Int("intermediate_size"),
            VocabularySize = config.Int("vocab_size"),
            NormEpsilon = config.Number("rms_norm_eps"),
            RopeTheta = config.RopeTheta(),
            MaxPositions = config.Positions("max_position_embeddings"),
            TieEmbeddings = config.Flag("tie_word_embeddings", false),
            Attention = AttentionKind.Full,
        };
    }

    /// <summary>Llama: no biases.</summary>
    public static ModelConfig Llama(ConfigReader config)
    {
        config.Require("attention_bias", false);
        return Read(config);
    }

    /// <summary>Qwen2: biases on q, k and v.</summary>
    public static ModelConfig Qwen2(ConfigReader config)
    {
        config.Require("attention_bias", true);
        return Read(config) with { AttentionBias = true };
    }

    /// <summary>Qwen3: norms on q and k, no biases.</summary>
    public static ModelConfig Qwen3(ConfigReader config) => Llama(config) with { QueryKeyNorm = true };

    /// <summary>Rejects settings that select a different computation.</summary>
    public static void RequireSupported(ConfigReader config)
    {
        config.Require("hidden_act", "silu");
        config.Require("mlp_bias", false);
        config.Require("use_sliding_window", false);
        config.RequirePlainRope();
    }
}
