using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// Autoregressive models with a Qwen2, Qwen3 or Llama body. They cannot fill a canvas, so they are not in <see cref="ModelFamilies.All"/>:
/// they only verify the drafts of adaptive parallel decoding.
/// </summary>
internal sealed class CausalFamily : ModelFamily
{
    public override string Name => "causal-lm";
    public override string Title => "autoregressive model";
    public override bool Recognises(CheckpointFacts facts) => facts.Architecture is "Qwen2ForCausalLM" or "Qwen3ForCausalLM" or "LlamaForCausalLM";

    public override ModelConfig Read(ConfigReader config) => Body(config) with { Attention = AttentionKind.BlockCausal, ContextBlockSize = 1, LogitShift = true };

    public override PromptStyle Prompt => PromptStyles.ContinuationOnly;

    // It has no mask token and is never given one.
    public override TokenRoles Roles { get; } = TokenRoles.Any with { Mask = TokenRoles.Any.EndOfText };

    private static ModelConfig Body(ConfigReader config)
    {
        switch (config.Architecture)
        {
            case "Qwen2ForCausalLM": return HuggingFaceBody.Qwen2(config);
            case "Qwen3ForCausalLM": return HuggingFaceBody.Qwen3(config);
        }
        config.Require("attention_bias", false);
        return HuggingFaceBody.Read(config);
    }
}
