using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// What a loader must know about one family of checkpoints: how to recognise it, what its configuration means, how its files
/// name parameters, which tokens play which role, and how a hole is laid out. Facts only; it computes nothing.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>Short name, as in an override file: "dream".</summary>
    public abstract string Name { get; }

    /// <summary>Name for people.</summary>
    public abstract string Title { get; }

    /// <summary>Whether a checkpoint is of this family.</summary>
    public abstract bool Recognises(CheckpointFacts facts);

    /// <summary>The transformer that config.json describes.</summary>
    /// <exception cref="EngineException">A key is missing, wrong or not supported.</exception>
    public abstract ModelConfig Read(ConfigReader config);

    /// <summary>Names in the files.</summary>
    public virtual ParameterNames Names => ParameterNames.HuggingFace;

    /// <summary>Tokens by role.</summary>
    public abstract TokenRoles Roles { get; }

    /// <summary>How a hole is laid out.</summary>
    public abstract PromptStyle Prompt { get; }

    /// <summary>Whether it descends from a model that was trained on repositories, with marks for their names and files.</summary>
    public virtual bool MarksFiles => false;

    /// <summary>Tokens of the prompts that it was trained with; null: as many as it has positions.</summary>
    public virtual int? TrainedPrompt => null;

    /// <summary>Name of the policy that finds out how long a hole is, unless the user says.</summary>
    public virtual string LengthPolicy => Prompt.SeesSuffixNatively ? "calibrated" : "fixed";
}
