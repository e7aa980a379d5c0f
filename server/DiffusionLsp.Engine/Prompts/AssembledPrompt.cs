using DiffusionLsp.Engine.Models.Families;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>A request's text as tokens, ready for a hole.</summary>
/// <param name="Tokens">Before the hole.</param>
/// <param name="Suffix">After the hole, for models that see to the right.</param>
/// <param name="Text">As <paramref name="Tokens"/>, without a FIM middle token at its end.</param>
/// <param name="Healing">The partial last token that was removed to be regenerated; null: none.</param>
internal sealed record AssembledPrompt(int[] Tokens, int[] Suffix, int[] Text, Healing? Healing)
{
    /// <summary>What to ask about the indentation that the cursor cuts; null: it cuts none.</summary>
    public IndentQuestion? Indent { get; init; }

    /// <summary>Characters of the document that are written once more; empty without healing.</summary>
    public string Healed => Healing?.Text ?? "";

    /// <summary>Lays a request out as the model was trained, and heals the partial token at the cursor.</summary>
    public static AssembledPrompt Of(InfillRequest request, ModelDescription description, PromptBuilder prompts, TokenHealing healer)
    {
        Prompt laid = description.Prompt.Build(prompts, request);
        Healing? healing = healer.Plan(request.Prefix, laid.Before);
        int[] tokens = healing is null ? laid.Before : [.. laid.Before[..^1], .. healing.Kept];
        return new AssembledPrompt(tokens, laid.After, healing is null ? laid.Text : tokens, healing) // no FIM token stands behind what can be healed
        {
            Indent = healer.Indent.Plan(request.Prefix, laid.Before) is { } extra ? new IndentQuestion(laid.Before[..^1], description.Tokenizer.BytesOf(laid.Before[^1]).Length, extra) : null,
        };
    }
}

/// <summary>A question about the indentation that the cursor cuts.</summary>
/// <param name="Before">Tokens before the one that it cuts.</param>
/// <param name="Cut">Characters of that one.</param>
/// <param name="Extra">By the ids that may stand in its place: the white space that is still to be written.</param>
internal sealed record IndentQuestion(int[] Before, int Cut, IReadOnlyDictionary<int, string> Extra);
