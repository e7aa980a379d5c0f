using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// Tiny-A2D (mdlm): Qwen2 and Qwen3 bodies converted to bidirectional attention, where each row scores its own token. The
/// block-causal variants (bd3lm) cannot be identified from the files: an override file must declare them.
/// </summary>
internal sealed class TinyA2dFamily : ModelFamily
{
    public override string Name => "tiny-a2d";
    public override string Title => "Tiny-A2D";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType is "a2d-qwen2" or "a2d-qwen3";
    public override ModelConfig Read(ConfigReader config) => config.ModelType == "a2d-qwen3" ? HuggingFaceBody.Qwen3(config) : HuggingFaceBody.Qwen2(config);
    public override PromptStyle Prompt => PromptStyles.Between;
    public override TokenRoles Roles { get; } = QwenTokens.With("<|mask|>");
}
