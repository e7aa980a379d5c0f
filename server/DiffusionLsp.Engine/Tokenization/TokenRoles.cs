namespace DiffusionLsp.Engine.Tokenization;

/// <summary>How the special tokens of one family of models are spelt. A role that a family does not have is null.</summary>
public sealed record TokenRoles
{
    /// <summary>A position that is still to be decided.</summary>
    public required TokenRole Mask { get; init; }
    /// <summary>Ends the hole; in models that change its length, deletes a position.</summary>
    public required TokenRole EndOfText { get; init; }
    /// <summary>Ends the hole too: the end of a turn, in models that were taught to chat.</summary>
    public TokenRole? TurnEnd { get; init; }
    /// <summary>Stands before everything.</summary>
    public TokenRole? BeginOfText { get; init; }
    /// <summary>Opens the text before the hole.</summary>
    public TokenRole? FimPrefix { get; init; }
    /// <summary>Opens the text after the hole.</summary>
    public TokenRole? FimSuffix { get; init; }
    /// <summary>Opens the hole.</summary>
    public TokenRole? FimMiddle { get; init; }
    /// <summary>Opens a file's path.</summary>
    public TokenRole? File { get; init; }
    /// <summary>Opens a repository's name.</summary>
    public TokenRole? Repository { get; init; }
    /// <summary>Fills batches.</summary>
    public TokenRole? Pad { get; init; }
    /// <summary>Becomes two masks.</summary>
    public TokenRole? Expand { get; init; }

    /// <summary>Every spelling that is known, for reading a tokenizer without its model.</summary>
    public static TokenRoles Any { get; } = new()
    {
        Mask = new("<|mask|>", "<|mdm_mask|>", "<M>", "<[MASK_TOKEN]>", "<|MASK|>", "<MASK>", "|<MASK>|"),
        EndOfText = new("<|endoftext|>", "<[end▁of▁sentence]>", "<eos>", "</s>"),
        TurnEnd = new("<|im_end|>", "<|eot_id|>", "<|role_end|>"),
        FimPrefix = new("<|fim_prefix|>", "<[fim-prefix]>"),
        FimSuffix = new("<|fim_suffix|>", "<[fim-suffix]>"),
        FimMiddle = new("<|fim_middle|>", "<[fim-middle]>"),
        File = new("<|file|>", "<|file_sep|>"),
        Repository = new("<|repo_name|>"),
        Pad = new("<|pad|>", "<|fim_pad|>"),
    };
}

/// <summary>One role of a special token. Ids differ between models of one family, so a token is found by what it says.</summary>
/// <param name="Contents">Spellings, the first that is declared wins.</param>
public sealed record TokenRole(params string[] Contents)
{
    /// <summary>The id that config.json gives, with its key: it must agree with the spelling.</summary>
    public (string Key, int Id)? Configured { get; init; }

    /// <summary>The id of an added token that plays the role when no spelling is declared.</summary>
    public int? Otherwise { get; init; }
}
