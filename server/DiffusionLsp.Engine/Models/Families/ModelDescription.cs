using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>A model folder interpreted, without its weights: family, configuration, tokenizer, prompt. It loads nothing onto a device.</summary>
internal sealed record ModelDescription(ModelOutline Outline, CodeTokenizer Tokenizer, PromptStyle Prompt)
{
    public string Folder => Outline.Folder;
    public ModelFamily Family => Outline.Family;
    public ModelConfig Config => Outline.Config;

    /// <summary>The notice if the model cannot see text after the cursor; null: it can.</summary>
    public string? SuffixNotice => Prompt.SeesSuffix ? null
        : $"{Family.Title} continues text and does not see what follows the cursor; for completions with text after the cursor, choose a model that docs/MODELS.md lists for infilling.";

    /// <summary>Reads and checks config.json and the tokenizer's files.</summary>
    /// <param name="onlyVerifies">Whether an autoregressive model will do.</param>
    /// <exception cref="EngineException">A file is missing or damaged, no family matches, or the files do not belong together.</exception>
    public static ModelDescription Read(string folder, bool onlyVerifies = false) => Of(ModelOutline.Read(folder, onlyVerifies));

    /// <summary>Builds the tokenizer, and checks that it belongs to the configuration.</summary>
    /// <exception cref="EngineException">It is damaged, or does not match.</exception>
    public static ModelDescription Of(ModelOutline outline)
    {
        (string folder, ModelFamily family, ModelConfig config, TokenizerFile tokenizerFile, TokenRoles roles) = outline;
        CodeTokenizer tokenizer = CodeTokenizer.Create(tokenizerFile, roles);
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new EngineException($"The tokenizer in '{folder}' has {tokenizer.VocabularySize} entries, but config.json says vocab_size {config.VocabularySize}; use both files of the same model.");
        return new ModelDescription(outline, tokenizer, PromptOf(folder, family, config, tokenizer.Special));
    }

    /// <summary>The family's prompt layout, unless a configuration or an override changes whether the model sees the suffix.</summary>
    private static PromptStyle PromptOf(string folder, ModelFamily family, ModelConfig config, SpecialTokens special)
    {
        if (family.Prompt.SeesSuffixNatively && config.Attention is AttentionKind.BlockCausal) return PromptStyles.ContinuationOnly;
        // The FIM middle token shows how the model was trained: with the suffix first, and with an open end of its canvas.
        if (!family.Prompt.SeesSuffixNatively && config is { Attention: AttentionKind.Full, UsesFimMiddle: false }) return PromptStyles.Between;
        if (family.Prompt is SuffixFirstStyle && (special.FimPrefix is null || special.FimSuffix is null || special.FimMiddle is null))
            throw new EngineException($"The tokenizer in '{folder}' lacks a fill-in-the-middle token of {family.Title} ({string.Join(", ", new[] { family.Roles.FimSuffix, family.Roles.FimPrefix, family.Roles.FimMiddle }.Select(r => r?.Contents[0]))}); use the tokenizer of the same model.");
        if (config.UsesFimMiddle && special.FimMiddle is null)
            throw new EngineException($"'{Path.Combine(folder, "config.json")}' sets marks_middle, but the tokenizer has no middle token; use the tokenizer of the same model.");
        return !config.UsesFimMiddle ? family.Prompt : config.Attention is AttentionKind.Full ? PromptStyles.AlwaysFimMiddle : PromptStyles.FimMiddle;
    }
}
