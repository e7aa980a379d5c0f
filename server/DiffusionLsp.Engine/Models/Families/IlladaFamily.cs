using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>iLLaDA-8B: a Llama body with grouped-query attention under transformers' names. Only its config.json states its sizes.</summary>
internal sealed class IlladaFamily : ModelFamily
{
    public override string Name => "illada";
    public override string Title => "iLLaDA-8B";

    public override bool Recognises(CheckpointFacts facts) =>
        (facts.ModelType is "illada" || facts.Architecture.StartsWith("iLLaDA", StringComparison.OrdinalIgnoreCase) || facts is { ModelType: "llada", Architecture: "LLaDAModelLM" })
        && facts.Config.Has("hidden_size") && !facts.Config.Has("num_experts");

    public override ModelConfig Read(ConfigReader config) =>
        HuggingFaceBody.Llama(config) with { QueryKeyNorm = config.Flag("qk_norm", config.Flag("use_qk_norm", false)) };

    public override PromptStyle Prompt => PromptStyles.Between;

    public override TokenRoles Roles { get; } = new()
    {
        Mask = new("<|mdm_mask|>", "<|mask|>", "<[MASK_TOKEN]>") { Otherwise = 5 },
        EndOfText = new("<|endoftext|>", "<eos>", "</s>") { Otherwise = 2 },
        BeginOfText = new("<|startoftext|>", "<bos>", "<s>") { Otherwise = 0 },
        TurnEnd = new("<|eot_id|>"),
    };
}
