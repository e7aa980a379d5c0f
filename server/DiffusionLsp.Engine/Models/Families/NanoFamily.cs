using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Models that DiffusionLsp trains itself: config.json is <see cref="ModelConfig"/> unchanged.</summary>
internal sealed class NanoFamily : ModelFamily
{
    public override string Name => "nano";
    public override string Title => "DiffusionLsp nano";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType == "diffusion_lsp_nano" || facts.Architecture == "DiffusionLspNano";
    public override ModelConfig Read(ConfigReader config) => ModelConfig.Load(config.Folder);
    public override PromptStyle Prompt => PromptStyles.Embedded;
    public override int? TrainedPrompt => 512;
    public override TokenRoles Roles { get; } = new()
    {
        Mask = new("<|mask|>"),
        EndOfText = new("<|endoftext|>"),
        FimPrefix = new("<|fim_prefix|>"),
        FimSuffix = new("<|fim_suffix|>"),
        FimMiddle = new("<|fim_middle|>"),
        File = new("<|file|>"),
        Pad = new("<|pad|>"),
    };
}
