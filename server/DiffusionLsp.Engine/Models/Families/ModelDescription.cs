using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// A model folder understood, without its weights: family, configuration, tokenizer, and every tensor that the files must
/// hold. It loads nothing onto a device.
/// </summary>
internal sealed record ModelDescription(string Folder, ModelFamily Family, ModelConfig Config, CodeTokenizer Tokenizer, PromptStyle Prompt)
{
    /// <summary>Every tensor that the checkpoint must hold.</summary>
    public IReadOnlyList<StoredTensor> Tensors => StoredTensor.All(Config, Family.Names);

    /// <summary>What to say when there is text after the cursor that the model cannot see; null: it can.</summary>
    public string? SuffixNotice => Prompt.SeesSuffix ? null
        : $"{Family.Title} continues text and does not see what follows the cursor; to fill in between, choose one of the models that docs/MODELS.md lists for it.";

    /// <summary>Names that files may hold in addition: tables that are computed.</summary>
    public static bool IsIgnored(string name) => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Reads and checks config.json and the tokenizer's files.</summary>
    /// <exception cref="EngineException">A file is missing or damaged, no family fits, or the files do not belong together.</exception>
    public static ModelDescription Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new EngineException($"There is no model folder '{folder}'; check the setting modelPath.");
        ConfigReader reader = ConfigReader.Open(folder);
        TokenizerFile tokenizerFile = TokenizerFile.ReadFolder(folder);
        FamilyOverrides overrides = FamilyOverrides.Read(folder);
        ModelFamily family = ModelFamilies.Find(folder, new CheckpointFacts(reader, tokenizerFile), overrides.Family);
        ModelConfig config = reader.Checked(overrides.ApplyTo(family.Read(reader)));
        TokenRoles roles = family.Roles;
        if (reader.IntOrNull("mask_token_id") is { } mask) roles = roles with { Mask = roles.Mask with { Configured = ("mask_token_id", mask) } };
        CodeTokenizer tokenizer = CodeTokenizer.Create(tokenizerFile, overrides.ApplyTo(roles));
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new EngineException($"The tokenizer in '{folder}' has {tokenizer.VocabularySize} entries, but config.json says vocab_size {config.VocabularySize}; take both from the same model.");
        return new ModelDescription(folder, family, config, tokenizer, PromptOf(folder, family, config, tokenizer.Special));
    }

    /// <summary>
    /// The description with the output layer that the files really hold: several families say that it is the embedding, and
    /// store another one.
    /// </summary>
    public ModelDescription For(CheckpointFolder checkpoint) =>
        this with { Config = Config with { TieEmbeddings = Config.TieEmbeddings && !checkpoint.Holds(Family.Names.InFile(ParameterTable.OutputLayer)) } };

    /// <summary>A configuration or an override may take the sight to the right from a family, or give it.</summary>
    private static PromptStyle PromptOf(string folder, ModelFamily family, ModelConfig config, SpecialTokens special)
    {
        if (family.Prompt.SeesSuffixNatively && config.Attention is AttentionKind.BlockCausal) return PromptStyles.ContinuationOnly;
        // The FIM middle token says how the model was trained: with the suffix in front, and with the end of its canvas open.
        if (!family.Prompt.SeesSuffixNatively && config is { Attention: AttentionKind.Full, UsesFimMiddle: false }) return PromptStyles.Between;
        if (family.Prompt is SuffixFirstStyle && (special.FimPrefix is null || special.FimSuffix is null || special.FimMiddle is null))
            throw new EngineException($"The tokenizer in '{folder}' lacks a fill-in-the-middle token of {family.Title} ({string.Join(", ", new[] { family.Roles.FimSuffix, family.Roles.FimPrefix, family.Roles.FimMiddle }.Select(r => r?.Contents[0]))}); take it from the same model.");
        if (config.UsesFimMiddle && special.FimMiddle is null)
            throw new EngineException($"'{Path.Combine(folder, "config.json")}' says marks_middle, but the tokenizer has no middle token; take the tokenizer from the same model.");
        return !config.UsesFimMiddle ? family.Prompt : config.Attention is AttentionKind.Full ? PromptStyles.AlwaysFimMiddle : PromptStyles.FimMiddle;
    }
}
