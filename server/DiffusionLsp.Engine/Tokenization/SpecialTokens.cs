namespace DiffusionLsp.Engine.Tokenization;

/// <summary>Ids of the tokens that mean something to the decoder, found in tokenizer.json by content. Null: the model has none.</summary>
/// <param name="Mask">A position that is still to be decided.</param>
/// <param name="EndOfText">Ends the hole.</param>
/// <param name="FimPrefix">Opens the text before the hole.</param>
/// <param name="FimSuffix">Opens the text after the hole.</param>
/// <param name="FimMiddle">Opens the hole, in models that mark it.</param>
/// <param name="File">Opens a file's path.</param>
/// <param name="Pad">Fills batches.</param>
public sealed record SpecialTokens(int Mask, int EndOfText, int? FimPrefix, int? FimSuffix, int? FimMiddle, int? File, int? Pad)
{
    /// <summary>The contents that our own tokenizer declares, in id order.</summary>
    public static IReadOnlyList<string> Contents { get; } =
        ["<|mask|>", "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file|>", "<|pad|>"];

    /// <summary>Finds the ids by content; Qwen2.5-Coder's and Dream's spellings are known too.</summary>
    /// <exception cref="EngineException">The mask or the end-of-text token is missing.</exception>
    internal static SpecialTokens Find(IReadOnlyDictionary<string, int> addedTokens, string file)
    {
        int? Optional(params ReadOnlySpan<string> contents)
        {
            foreach (string content in contents)
            {
                if (addedTokens.TryGetValue(content, out int id)) return id;
            }
            return null;
        }
        int Required(string content) => Optional(content) ?? throw new EngineException(
            $"'{file}' has no special token {content} under added_tokens; use the tokenizer.json of a masked diffusion model with that token.");

        return new SpecialTokens(
            Required("<|mask|>"),
            Required("<|endoftext|>"),
            Optional("<|fim_prefix|>"),
            Optional("<|fim_suffix|>"),
            Optional("<|fim_middle|>"),
            Optional("<|file|>", "<|file_sep|>"),
            Optional("<|pad|>", "<|fim_pad|>"));
    }
}
