using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>LLaDA-8B and 1.5: a Llama body under OLMo's names, in the files and in config.json.</summary>
internal sealed class LladaFamily : ModelFamily
{
    public override string Name => "llada";
    public override string Title => "LLaDA-8B, LLaDA-1.5";
    public override bool Recognises(CheckpointFacts facts) => facts is { ModelType: "llada", Architecture: "LLaDAModelLM" } && facts.Config.Has("d_model");
    public override PromptStyle Prompt => PromptStyles.Between;

    public override ModelConfig Read(ConfigReader config)
    {
        RequireSupported(config);
        int width = config.Size("d_model", 1 << 16), heads = config.Size("n_heads", 1 << 12), tokens = config.Size("vocab_size", 1 << 22), vocabulary = config.Int("embedding_size", tokens);
        if (tokens > vocabulary) throw config.Refuse("embedding_size", $"is {vocabulary}, less than vocab_size");
        return new ModelConfig
        {
            Architectures = [config.Architecture],
            ModelType = config.ModelType,
            HiddenSize = width,
            Layers = config.Size("n_layers", 1 << 10),
            Heads = heads,
            KeyValueHeads = config.Int("n_kv_heads", heads),
            HeadSize = width / heads,
            IntermediateSize = config.Int("mlp_hidden_size"),
            VocabularySize = vocabulary,
            NormEpsilon = config.Number("rms_norm_eps"),
            RopeTheta = config.Number("rope_theta"),
            MaxPositions = config.Positions("max_sequence_length"),
            TieEmbeddings = config.Flag("weight_tying", false),
            Attention = AttentionKind.Full,
        };
    }

    // The output layer and the down projection of each block are both called ff_out.
    public override ParameterNames Names { get; } = new(
        new Dictionary<string, string>
        {
            [ParameterTable.Embedding] = "model.transformer.wte.weight",
            [ParameterTable.FinalNorm] = "model.transformer.ln_f.weight",
            [ParameterTable.OutputLayer] = "model.transformer.ff_out.weight",
        },
        "model.transformer.blocks.",
        [
            ("input_layernorm.", "attn_norm."), ("post_attention_layernorm.", "ff_norm."),
            ("self_attn.q_proj.", "q_proj."), ("self_attn.k_proj.", "k_proj."), ("self_attn.v_proj.", "v_proj."), ("self_attn.o_proj.", "attn_out."),
            ("mlp.gate_proj.", "ff_proj."), ("mlp.up_proj.", "up_proj."), ("mlp.down_proj.", "ff_out."),
        ]);

    public override TokenRoles Roles { get; } = new()
    {
        Mask = new("<|mdm_mask|>"),
        EndOfText = new("<|endoftext|>"),
        TurnEnd = new("<|eot_id|>"),
        BeginOfText = new("<|startoftext|>"),
    };

    private static void RequireSupported(ConfigReader config)
    {
        config.Require("activation_type", "silu");
        config.Require("layer_norm_type", "rms");
        config.Require("block_type", "llama");
        config.Require("rope", true);
        foreach (string key in new[] { "alibi", "include_bias", "include_qkv_bias", "bias_for_layer_norm", "attention_layer_norm", "input_emb_norm", "scale_logits", "multi_query_attention" })
            config.Require(key, false);
    }
}
