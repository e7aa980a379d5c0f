using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>The special tokens that models with Qwen's tokenizer share; each adds a mask token with its own spelling.</summary>
internal static class QwenTokens
{
    public static TokenRoles With(params string[] masks) => new()
    {
        Mask = new(masks),
        EndOfText = new("<|endoftext|>"),
        TurnEnd = new("<|im_end|>"),
        FimPrefix = new("<|fim_prefix|>"),
        FimSuffix = new("<|fim_suffix|>"),
        FimMiddle = new("<|fim_middle|>"),
        File = new("<|file_sep|>"),
        Repository = new("<|repo_name|>"),
        Pad = new("<|fim_pad|>", "<|dlm_pad|>"),
    };
}
