using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>A model folder understood, without its weights: family, configuration, tokenizer, prompt. It loads nothing onto a device.</summary>
internal sealed record ModelDescription(ModelOutline Outline, CodeTokenizer Tokenizer, PromptStyle Prompt)
{
    public string Folder => Outline.Folder;
    public ModelFamily Family => Outline.Family;
    public ModelConfig Config => Outline.Config;

    /// <summary>What to say when there is text after the cursor that the model cannot see; null: it can.</summary>
    public string? SuffixNotice => Prompt.SeesSuffix ? null
        : $"{Family.Title} continues text and does not see what follows the cursor; to fill in between, choose one of the models that docs/MODELS.md lists for it.";

    /// <summary>Reads and checks config.json and the tokenizer's files.</summary>
    /// <exception cref="EngineException">A file is missing or damaged, no family fits, or the files do not belong together.</exception>
    public static ModelDescription Read(string folder) => Of(ModelOutline.Read(folder));

    /// <summary>Makes the tokenizer, and checks that it belongs to the configuration.</summary>
    /// <exception cref="EngineException">It is damaged, or does not.</exception>
    public static ModelDescription Of(ModelOutline outline)
    {
        (string folder, ModelFamily family, ModelConfig config, TokenizerFile tokenizerFile, TokenRoles roles) = outline;
        CodeTokenizer tokenizer = CodeTokenizer.Create(tokenizerFile, roles);
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new EngineException($"The tokenizer in '{folder}' has {tokenizer.VocabularySize} entries, but config.json says vocab_size {config.VocabularySize}; take both from the same model.");
        return new ModelDescription(outline, tokenizer, PromptOf(folder, family, config, tokenizer.Special));
    }

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
