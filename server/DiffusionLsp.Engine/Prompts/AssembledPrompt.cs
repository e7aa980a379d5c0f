using DiffusionLsp.Engine.Models.Families;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>A request's text as tokens, ready to be decoded.</summary>
/// <param name="Tokens">Before the hole.</param>
/// <param name="Suffix">After the hole, for models that see the suffix.</param>
/// <param name="Text"><paramref name="Tokens"/> without a final FIM middle token.</param>
/// <param name="Healing">The partial last token that was removed to be regenerated; null: none.</param>
internal sealed record AssembledPrompt(int[] Tokens, int[] Suffix, int[] Text, Healing? Healing)
{
    /// <summary>The question about indentation that the cursor splits; null: it splits none.</summary>
    public IndentQuestion? Indent { get; init; }

    /// <summary>Characters of the document that are regenerated; empty without healing.</summary>
    public string Healed => Healing?.Text ?? "";

    /// <summary>Formats a request as the model was trained, and plans the healing of a partial token at the cursor.</summary>
    public static AssembledPrompt Of(InfillRequest request, ModelDescription description, PromptBuilder prompts, TokenHealing healer)
    {
        Prompt laid = description.Prompt.Build(prompts, request);
        Healing? healing = healer.Plan(request.Prefix, laid.Before);
        int[] tokens = healing is null ? laid.Before : [.. laid.Before[..^1], .. healing.Kept];
        return new AssembledPrompt(tokens, laid.After, healing is null ? laid.Text : tokens, healing) // healing implies that no FIM token comes last
        {
            Indent = healer.Indent.Plan(request.Prefix, laid.Before) is { } extra ? new IndentQuestion(laid.Before[..^1], description.Tokenizer.BytesOf(laid.Before[^1]).Length, extra) : null,
        };
    }
}

/// <summary>Asks how indentation that the cursor splits should continue.</summary>
/// <param name="Before">Tokens before the split one.</param>
/// <param name="Cut">Length of the split token in characters.</param>
/// <param name="Extra">For each token allowed in its place, the whitespace still to be inserted.</param>
internal sealed record IndentQuestion(int[] Before, int Cut, IReadOnlyDictionary<int, string> Extra);
