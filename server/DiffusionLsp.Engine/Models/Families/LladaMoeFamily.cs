using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>LLaDA-MoE: 64 experts, 8 per row, weighted by a softmax; norms on q and k.</summary>
internal sealed class LladaMoeFamily : ModelFamily
{
    public override string Name => "llada-moe";
    public override string Title => "LLaDA-MoE";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType is "lladamoe" or "llada_moe" || facts.Architecture is "LLaDAMoEModelLM" or "LLaDAMoEModel";

    public override ModelConfig Read(ConfigReader config)
    {
        config.Require("attention_bias", false);
        config.Require("router_type", "softmax", "topk", "top_k");
        int width = config.Int("expert_intermediate_size");
        if (config.Int("shared_expert_intermediate_size", 0) != 0 && config.Int("num_shared_experts", config.Int("shared_expert_num", 0)) != 0)
            throw config.Refuse("shared_expert_intermediate_size", "declares a shared expert, which is not supported in this family");
        return HuggingFaceBody.Read(config.With("intermediate_size", config.Int("dense_intermediate_size", config.Int("intermediate_size", width)))) with
        {
            QueryKeyNorm = config.Flag("qk_layernorm", true),
            Experts = new ExpertConfig
            {
                Count = config.Int("num_experts"), PerToken = config.Int("num_experts_per_tok"), IntermediateSize = width,
                NormaliseWeights = config.Flag("norm_topk_prob", false),
            },
        };
    }

    public override PromptStyle Prompt => PromptStyles.Between;
    public override TokenRoles Roles { get; } = Llada2Family.Tokens;
}
