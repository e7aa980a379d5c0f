namespace DiffusionLsp.Engine.Tokenization;

/// <summary>Spellings of the special tokens of one model family. Null: the family does not have the role.</summary>
public sealed record TokenRoles
{
    /// <summary>Marks an undecided position.</summary>
    public required TokenRole Mask { get; init; }
    /// <summary>Ends the hole; in models that change its length, deletes a position.</summary>
    public required TokenRole EndOfText { get; init; }
    /// <summary>Also ends the hole: the end of a turn, for models trained to chat.</summary>
    public TokenRole? TurnEnd { get; init; }
    /// <summary>Begins every sequence.</summary>
    public TokenRole? BeginOfText { get; init; }
    /// <summary>Precedes the text before the hole.</summary>
    public TokenRole? FimPrefix { get; init; }
    /// <summary>Precedes the text after the hole.</summary>
    public TokenRole? FimSuffix { get; init; }
    /// <summary>Precedes the hole.</summary>
    public TokenRole? FimMiddle { get; init; }
    /// <summary>Precedes a file's path.</summary>
    public TokenRole? File { get; init; }
    /// <summary>Precedes a repository's name.</summary>
    public TokenRole? Repository { get; init; }
    /// <summary>Fills batches.</summary>
    public TokenRole? Pad { get; init; }
    /// <summary>Turns into two masks.</summary>
    public TokenRole? Expand { get; init; }

    /// <summary>Every known spelling, for reading a tokenizer without its model.</summary>
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

/// <summary>One role of a special token. Ids differ between models of a family, so the token is found by its content.</summary>
/// <param name="Contents">Spellings; the first that is declared wins.</param>
public sealed record TokenRole(params string[] Contents)
{
    /// <summary>The id in config.json and its key; it must agree with the spelling's id. Null: config.json gives none.</summary>
    public (string Key, int Id)? Configured { get; init; }

    /// <summary>The id of the added token that takes the role if no spelling is declared; null: none.</summary>
    public int? Otherwise { get; init; }
}
