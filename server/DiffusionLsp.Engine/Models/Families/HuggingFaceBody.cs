namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// What the Llama, Qwen2 and Qwen3 bodies share in config.json: the same keys, the same computation. The families say what
/// differs. It knows nothing of tokens.
/// </summary>
internal static class HuggingFaceBody
{
    /// <summary>No prompt is ever longer; tables of sines need not be either.</summary>
    public const int MostPositions = 16_384;

    /// <summary>A dense body.</summary>
    public static ModelConfig Read(ConfigReader config)
    {
        RequireSupported(config);
        int hidden = config.Int("hidden_size"), heads = config.Int("num_attention_heads");
        return new ModelConfig
        {
            Architectures = [config.Architecture],
            ModelType = config.ModelType,
            HiddenSize = hidden,
            Layers = config.Int("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = config.Int("num_key_value_heads", heads),
            HeadSize = config.Int("head_dim", hidden / Math.Max(1, heads)),
            IntermediateSize = config.Int("intermediate_size"),
            VocabularySize = config.Int("vocab_size"),
            NormEpsilon = config.Number("rms_norm_eps"),
            RopeTheta = config.RopeTheta(),
            MaxPositions = Math.Min(MostPositions, config.Int("max_position_embeddings")),
            TieEmbeddings = config.Flag("tie_word_embeddings", false),
            Attention = AttentionKind.Full,
        };
    }

    /// <summary>Qwen2: biases on q, k and v.</summary>
    public static ModelConfig Qwen2(ConfigReader config)
    {
        config.Require("attention_bias", true);
        return Read(config) with { AttentionBias = true };
    }

    /// <summary>Qwen3: norms on q and k, no biases.</summary>
    public static ModelConfig Qwen3(ConfigReader config)
    {
        config.Require("attention_bias", false);
        return Read(config) with { QueryKeyNorm = true };
    }

    /// <summary>Refuses what would be computed differently.</summary>
    public static void RequireSupported(ConfigReader config)
    {
        config.Require("hidden_act", "silu");
        config.Require("mlp_bias", false);
        config.Require("use_sliding_window", false);
        config.RequirePlainRope();
    }
}
