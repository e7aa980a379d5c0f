using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>CoDA: a bidirectional Qwen3 body with shifted logits (row i scores the token at i + 1); its files are float32.</summary>
internal sealed class CodaFamily : ModelFamily
{
    public override string Name => "coda";
    public override string Title => "CoDA";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType is "CoDA" || facts.Architecture is "CoDALanguageModel";
    public override ModelConfig Read(ConfigReader config) => HuggingFaceBody.Qwen3(config) with { LogitShift = true };
    public override PromptStyle Prompt => PromptStyles.Between;
    public override TokenRoles Roles { get; } = QwenTokens.With("<|mask|>");
}
