using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Stable-DiffCoder: a Llama body, causal over blocks of four, which infills with Seed-Coder's FIM tokens.</summary>
internal sealed class StableDiffCoderFamily : ModelFamily
{
    private const int BlockLength = 4;

    public override string Name => "stable-diffcoder";
    public override string Title => "Stable-DiffCoder";
    public override bool Recognises(CheckpointFacts facts) => facts.Architecture is "StableDiffcoderForCausalLM";

    public override ModelConfig Read(ConfigReader config) => HuggingFaceBody.Llama(config) with
    {
        Attention = AttentionKind.BlockCausal, ContextBlockSize = config.Int("block_size", config.Int("block_length", BlockLength)),
    };

    public override PromptStyle Prompt => PromptStyles.SuffixFirst;

    public override TokenRoles Roles { get; } = new()
    {
        Mask = new("<[MASK_TOKEN]>") { Otherwise = 5 },
        EndOfText = new("<[end▁of▁sentence]>") { Otherwise = 2 },
        BeginOfText = new("<[begin▁of▁sentence]>") { Otherwise = 0 },
        Pad = new("<[PAD▁TOKEN]>") { Otherwise = 1 },
        FimPrefix = new("<[fim-prefix]>"),
        FimSuffix = new("<[fim-suffix]>"),
        FimMiddle = new("<[fim-middle]>"),
    };
}
