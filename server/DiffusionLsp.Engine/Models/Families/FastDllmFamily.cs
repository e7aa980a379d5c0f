using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>Fast-dLLM v2: a Qwen2 body, causal over blocks of 32, with shifted logits; it only continues text (no infilling).</summary>
internal sealed class FastDllmFamily : ModelFamily
{
    private const int BlockLength = 32;

    public override string Name => "fast-dllm-v2";
    public override string Title => "Fast-dLLM v2";
    public override bool Recognises(CheckpointFacts facts) => facts.ModelType is "Fast_dLLM_Qwen" or "FastdLLMV2" || facts.Architecture is "Fast_dLLM_QwenForCausalLM";

    public override ModelConfig Read(ConfigReader config) => HuggingFaceBody.Qwen2(config) with
    {
        LogitShift = true, Attention = AttentionKind.BlockCausal, ContextBlockSize = config.Int("bd_size", BlockLength),
    };

    public override PromptStyle Prompt => PromptStyles.ContinuationOnly;
    public override TokenRoles Roles { get; } = QwenTokens.With("|<MASK>|", "<|mask|>", "<MASK>");
}
