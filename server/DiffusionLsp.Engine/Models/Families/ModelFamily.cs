using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// What a loader must know about one family of checkpoints: how to recognise it, what its configuration means, how its files
/// name parameters, which special tokens have which role, and how a hole is laid out in the prompt. Facts only; it computes nothing.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>Short name, as in an override file: "dream".</summary>
    public abstract string Name { get; }

    /// <summary>Display name.</summary>
    public abstract string Title { get; }

    /// <summary>Whether a checkpoint is of this family.</summary>
    public abstract bool Recognises(CheckpointFacts facts);

    /// <summary>The transformer that config.json describes.</summary>
    /// <exception cref="EngineException">A key is missing, invalid or not supported.</exception>
    public abstract ModelConfig Read(ConfigReader config);

    /// <summary>Parameter names in the files.</summary>
    public virtual ParameterNames Names => ParameterNames.HuggingFace;

    /// <summary>Special tokens by role.</summary>
    public abstract TokenRoles Roles { get; }

    /// <summary>How a hole is laid out in the prompt.</summary>
    public abstract PromptStyle Prompt { get; }

    /// <summary>Whether the base model was trained on repositories, with special tokens for repository and file names.</summary>
    public virtual bool MarksFiles => false;

    /// <summary>Maximum prompt length in training, in tokens; null: the model's number of positions.</summary>
    public virtual int? TrainedPrompt => null;

    /// <summary>Name of the default length policy, which determines the hole's length.</summary>
    public virtual string LengthPolicy => Prompt.SeesSuffixNatively ? "calibrated" : "fixed";
}
