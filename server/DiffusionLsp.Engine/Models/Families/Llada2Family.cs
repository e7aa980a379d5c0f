using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// LLaDA2.0 and 2.1 mini: causal over blocks of 32; grouped experts with a sigmoid router, a selection bias and a shared
/// expert; half of each head is rotated; q, k and v are stored in one tensor. It only continues text (no infilling).
/// </summary>
internal sealed class Llada2Family : ModelFamily
{
    private const int BlockLength = 32;

    public override string Name => "llada2";
    public override string Title => "LLaDA2.0-mini, LLaDA2.1-mini";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType is "llada2_moe" || facts.Architecture is "LLaDA2MoeModelLM";

    public override ModelConfig Read(ConfigReader config)
    {
        config.Require("use_qkv_bias", false);
        config.Require("use_bias", false);
        config.Require("score_function", "sigmoid");
        ModelConfig body = HuggingFaceBody.Read(config);
        int width = config.Size("moe_intermediate_size", 1 << 20), shared = config.Int("num_shared_experts", 0);
        if (shared is < 0 or > 64) throw config.Refuse("num_shared_experts", $"is {shared}, which is out of range (0 to 64)");
        double rotated = config.Number("partial_rotary_factor", 1);
        if (rotated is not (> 0 and <= 1)) throw config.Refuse("partial_rotary_factor", "must be above 0 and at most 1");
        return body with
        {
            QueryKeyNorm = config.Flag("use_qk_norm", true),
            RotarySize = (int)(body.HeadSize * rotated),
            Attention = AttentionKind.BlockCausal,
            ContextBlockSize = config.Int("block_size", config.Int("block_length", BlockLength)),
            Experts = new ExpertConfig
            {
                Count = config.Int("num_experts"), PerToken = config.Int("num_experts_per_tok"), IntermediateSize = width,
                SharedIntermediateSize = width * shared,
                DenseLayers = config.Int("first_k_dense_replace", 0),
                Score = RouterScore.Sigmoid, SelectionBias = config.Flag("moe_router_enable_expert_bias", true),
                Groups = config.Int("n_group", 1), GroupsPerToken = config.Int("topk_group", 1),
                NormaliseWeights = config.Flag("norm_topk_prob", true), Scale = config.Number("routed_scaling_factor", 1),
            },
        };
    }

    public override ParameterNames Names { get; } = new(
        new Dictionary<string, string> { [ParameterTable.Embedding] = "model.word_embeddings.weight" },
        "model.layers.",
        [
            ("self_attn.q_proj.", "attention.query_key_value."), ("self_attn.k_proj.", "attention.query_key_value."), ("self_attn.v_proj.", "attention.query_key_value."),
            ("self_attn.o_proj.", "attention.dense."), ("self_attn.q_norm.", "attention.query_layernorm."), ("self_attn.k_norm.", "attention.key_layernorm."),
        ],
        FusedQueryKeyValue: true);

    public override PromptStyle Prompt => PromptStyles.ContinuationOnly;
    public override TokenRoles Roles => Tokens;

    internal static TokenRoles Tokens { get; } = new()
    {
        Mask = new("<|mask|>"),
        EndOfText = new("<|endoftext|>"),
        TurnEnd = new("<|role_end|>"),
        BeginOfText = new("<|startoftext|>"),
    };
}
