using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>SDAR and TraDo: a Qwen3 body, causal over blocks (of 4, unless config.json sets another size); it only continues text (no infilling).</summary>
internal sealed class SdarFamily : ModelFamily
{
    private const int BlockLength = 4;

    public override string Name => "sdar";
    public override string Title => "SDAR, TraDo";
    public override bool Recognises(CheckpointFacts facts) => facts is { ModelType: "sdar", Architecture: "SDARForCausalLM" };

    public override ModelConfig Read(ConfigReader config) => HuggingFaceBody.Qwen3(config) with
    {
        Attention = AttentionKind.BlockCausal, ContextBlockSize = config.Int("block_size", config.Int("block_length", BlockLength)),
    };

    public override PromptStyle Prompt => PromptStyles.ContinuationOnly;
    public override TokenRoles Roles { get; } = QwenTokens.With("<|MASK|>", "<MASK>", "<|mask|>");
}
