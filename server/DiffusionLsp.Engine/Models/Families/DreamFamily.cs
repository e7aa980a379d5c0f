using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Dream, Dream-Coder and DiffuCoder: a bidirectional Qwen2 body with shifted logits (row i scores the token at i + 1).</summary>
internal sealed class DreamFamily : ModelFamily
{
    public override string Name => "dream";
    public override string Title => "Dream, Dream-Coder, DiffuCoder";

    // DreamForCausalLM (Dream-Reasoner) is a different network with the same model_type.
    public override bool Recognises(CheckpointFacts facts) =>
        facts is { ModelType: "Dream", Architecture: "DreamModel" } && !facts.HasToken(DreamOnFamily.ExpandToken);

    public override ModelConfig Read(ConfigReader config) => Body(config);
    public override PromptStyle Prompt => PromptStyles.Between;
    public override TokenRoles Roles { get; } = QwenTokens.With("<|mask|>") with { BeginOfText = new("<|beginoftext|>") };
    public override bool MarksFiles => true; // Qwen2.5-Coder

    internal static ModelConfig Body(ConfigReader config) => HuggingFaceBody.Qwen2(config) with { LogitShift = true };
}
