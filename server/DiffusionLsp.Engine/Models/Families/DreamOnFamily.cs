using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>DreamOn: Dream-Coder trained to expand one mask into two and to delete masks, so that it adapts the hole's length.</summary>
internal sealed class DreamOnFamily : ModelFamily
{
    public const string ExpandToken = "<|expand|>";

    public override string Name => "dreamon";
    public override string Title => "DreamOn";
    public override bool Recognises(CheckpointFacts facts) => facts is { ModelType: "Dream", Architecture: "DreamModel" } && facts.HasToken(ExpandToken);
    public override ModelConfig Read(ConfigReader config) => DreamFamily.Body(config);
    public override PromptStyle Prompt => PromptStyles.FramedBetween;
    public override string LengthPolicy => "expand";
    public override TokenRoles Roles { get; } = QwenTokens.With("<|mask|>") with { BeginOfText = new("<|beginoftext|>"), Expand = new(ExpandToken) };
    public override bool MarksFiles => true; // Qwen2.5-Coder
}
