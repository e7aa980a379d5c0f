using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// The part of a model folder that loading its weights needs: family, configuration, and every tensor that the files must contain. The
/// tokenizer's file has been read but not yet parsed into a tokenizer. It loads nothing onto a device.
/// </summary>
/// <param name="Roles">Special tokens by role, including those set by the configuration and the user's overrides.</param>
internal sealed record ModelOutline(string Folder, ModelFamily Family, ModelConfig Config, TokenizerFile TokenizerFile, TokenRoles Roles)
{
    /// <summary>Every tensor that the checkpoint must contain.</summary>
    public IReadOnlyList<StoredTensor> Tensors => StoredTensor.All(Config, Family.Names);

    /// <summary>Whether a file may contain this tensor in addition: a table that is computed here.</summary>
    public static bool IsIgnored(string name) => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Reads and checks config.json, and reads the tokenizer's files.</summary>
    /// <param name="onlyVerifies">Whether an autoregressive model will do.</param>
    /// <exception cref="EngineException">A file is missing or damaged, or no family matches.</exception>
    public static ModelOutline Read(string folder, bool onlyVerifies = false)
    {
        if (!Directory.Exists(folder)) throw new EngineException($"There is no model folder '{folder}'; check the setting diffusionLsp.modelPath.");
        ConfigReader reader = ConfigReader.Open(folder);
        TokenizerFile tokenizerFile = TokenizerFile.ReadFolder(folder);
        FamilyOverrides overrides = FamilyOverrides.Read(folder);
        ModelFamily family = ModelFamilies.Find(folder, new CheckpointFacts(reader, tokenizerFile), overrides.Family, onlyVerifies);
        ModelConfig config = reader.Checked(overrides.ApplyTo(family.Read(reader)));
        TokenRoles roles = family.Roles;
        if (reader.IntOrNull("mask_token_id") is { } mask) roles = roles with { Mask = roles.Mask with { Configured = ("mask_token_id", mask) } };
        return new ModelOutline(folder, family, config, tokenizerFile, overrides.ApplyTo(roles));
    }

    /// <summary>
    /// The outline with the output layer that the files actually contain: several families declare it tied to the embedding but
    /// store a different one.
    /// </summary>
    public ModelOutline For(CheckpointFolder checkpoint) =>
        this with { Config = Config with { TieEmbeddings = Config.TieEmbeddings && !checkpoint.Holds(Family.Names.InFile(ParameterTable.OutputLayer)) } };
}
