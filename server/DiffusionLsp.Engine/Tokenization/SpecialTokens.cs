namespace DiffusionLsp.Engine.Tokenization;

/// <summary>Ids of the tokens with a meaning for the decoder, found by content among the added tokens. Null: the model has none.</summary>
/// <param name="Mask">Marks an undecided position.</param>
/// <param name="EndOfText">Ends the hole.</param>
/// <param name="FimPrefix">Precedes the text before the hole.</param>
/// <param name="FimSuffix">Precedes the text after the hole.</param>
/// <param name="FimMiddle">Precedes the hole, for models that mark it.</param>
/// <param name="File">Precedes a file's path.</param>
/// <param name="Pad">Fills batches.</param>
public sealed record SpecialTokens(int Mask, int EndOfText, int? FimPrefix, int? FimSuffix, int? FimMiddle, int? File, int? Pad)
{
    /// <summary>Begins every sequence.</summary>
    public int? BeginOfText { get; init; }

    /// <summary>Precedes a repository's name.</summary>
    public int? Repository { get; init; }

    /// <summary>Turns into two masks, for models that change a hole's length.</summary>
    public int? Expand { get; init; }

    /// <summary>Ends the hole like <see cref="EndOfText"/>, for models trained to chat.</summary>
    public int? TurnEnd { get; init; }

    /// <summary>The special tokens of DiffusionLsp's own tokenizer, in id order.</summary>
    public static IReadOnlyList<string> Contents { get; } =
        ["<|mask|>", "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file|>", "<|pad|>"];

    /// <summary>Whether a token ends the hole.</summary>
    public bool Ends(int id) => id == EndOfText || id == TurnEnd;

    /// <summary>Finds the ids of a family's roles.</summary>
    /// <param name="file">The tokenizer's file, for messages.</param>
    /// <exception cref="EngineException">The mask or the end-of-text token is missing, or config.json disagrees.</exception>
    internal static SpecialTokens Find(TokenRoles roles, IReadOnlyDictionary<string, int> addedTokens, string file)
    {
        int? Optional(TokenRole? role)
        {
            if (role is null) return null;
            foreach (string content in role.Contents)
            {
                if (!addedTokens.TryGetValue(content, out int id)) continue;
                if (role.Configured is { } configured && configured.Id != id)
                    throw new EngineException($"'{file}' gives {content} the id {id}, but config.json says {configured.Key} {configured.Id}; take both files from the same model.");
                return id;
            }
            return (role.Configured?.Id ?? role.Otherwise) is { } other && addedTokens.Values.Contains(other) ? other : null;
        }
        int Required(TokenRole role) => Optional(role) ?? throw new EngineException(
            $"'{file}' has no special token {string.Join(" or ", role.Contents)} under added_tokens; use the tokenizer of a masked diffusion model, or name the token in diffusion-lsp.json.");

        return new SpecialTokens(Required(roles.Mask), Required(roles.EndOfText), Optional(roles.FimPrefix), Optional(roles.FimSuffix),
            Optional(roles.FimMiddle), Optional(roles.File), Optional(roles.Pad))
        {
            BeginOfText = Optional(roles.BeginOfText),
            Repository = Optional(roles.Repository),
            Expand = Optional(roles.Expand),
            TurnEnd = Optional(roles.TurnEnd),
        };
    }
}
