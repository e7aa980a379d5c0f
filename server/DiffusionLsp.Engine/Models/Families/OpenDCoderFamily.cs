using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Open-dCoder: declares itself a plain Qwen2; only the added mask token identifies it.</summary>
internal sealed class OpenDCoderFamily : ModelFamily
{
    private const string MaskToken = "<M>";

    public override string Name => "open-dcoder";
    public override string Title => "Open-dCoder";
    public override bool Recognises(CheckpointFacts facts) => facts is { ModelType: "qwen2", Architecture: "Qwen2ForCausalLM" } && facts.HasToken(MaskToken);
    public override ModelConfig Read(ConfigReader config) => HuggingFaceBody.Qwen2(config) with { LogitShift = true };
    public override PromptStyle Prompt => PromptStyles.Between;
    public override TokenRoles Roles { get; } = QwenTokens.With(MaskToken);
    public override bool MarksFiles => true; // Qwen2.5-Coder
}
