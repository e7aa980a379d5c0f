using DiffusionLsp.Engine.Models.Families;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>A request's text as tokens, ready for a hole.</summary>
/// <param name="Tokens">Before the hole.</param>
/// <param name="Suffix">After the hole, for models that see to the right.</param>
/// <param name="Text">As <paramref name="Tokens"/>, without a FIM middle token at its end.</param>
/// <param name="Healing">The partial last token that was taken back to be regenerated; null: none.</param>
internal sealed record AssembledPrompt(int[] Tokens, int[] Suffix, int[] Text, Healing? Healing)
{
    /// <summary>Characters of the document that are written once more; empty without healing.</summary>
    public string Healed => Healing?.Text ?? "";

    /// <summary>Lays a request out as the model was trained, and takes back the token that the cursor cuts.</summary>
    public static AssembledPrompt Of(InfillRequest request, ModelDescription description, PromptBuilder prompts, TokenHealing healer)
    {
        Prompt laid = description.Prompt.Build(prompts, request);
        // Before an empty prefix the prompt may end in the text of another file, which stays as it is.
        Healing? healing = healer.Plan(laid.Before) is { } found && request.Prefix.EndsWith(found.Text, StringComparison.Ordinal) ? found : null;
        int[] tokens = healing is null ? laid.Before : laid.Before[..^1];
        return new AssembledPrompt(tokens, laid.After, healing is null ? laid.Text : tokens, healing); // no FIM token stands behind what can be healed
    }
}
