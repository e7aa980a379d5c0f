using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// Autoregressive models with a Qwen2, Qwen3 or Llama body. They cannot fill a canvas, so they are not in <see cref="ModelFamilies.All"/>:
/// they only verify the drafts of adaptive parallel decoding.
/// </summary>
internal sealed class CausalFamily : ModelFamily
{
    /// <summary>Its name in <see cref="KnownCheckpoints"/>.</summary>
    public const string Id = "causal-lm";

    public override string Name => Id;
    public override string Title => "autoregressive model";
    public override bool Recognises(CheckpointFacts facts) => facts.Architecture is "Qwen2ForCausalLM" or "Qwen3ForCausalLM" or "LlamaForCausalLM";

    public override ModelConfig Read(ConfigReader config) => Body(config).ReadCausally();

    public override PromptStyle Prompt => PromptStyles.ContinuationOnly;

    // It has no mask token and is never given one.
    public override TokenRoles Roles { get; } = TokenRoles.Any with { Mask = TokenRoles.Any.EndOfText };

    private static ModelConfig Body(ConfigReader config) => config.Architecture switch
    {
        "Qwen2ForCausalLM" => HuggingFaceBody.Qwen2(config),
        "Qwen3ForCausalLM" => HuggingFaceBody.Qwen3(config),
        _ => HuggingFaceBody.Llama(config),
    };
}
