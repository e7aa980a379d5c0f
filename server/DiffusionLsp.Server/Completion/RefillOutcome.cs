using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>One wish to write a selection anew.</summary>
/// <param name="Selection">The document, the settings and the context; its offset is the selection's start.</param>
/// <param name="End">The offset of the selection's end.</param>
/// <param name="MaxTokens">Most tokens to write; null: as the setting <c>maxTokensRefill</c> says.</param>
internal sealed record RefillRequest(CompletionRequest Selection, int End, int? MaxTokens = null);

/// <summary>How it ended: a <see cref="RefillText"/>, or <see cref="RefillNothing"/> for a named reason.</summary>
/// <param name="Decode">What the engine did for it; null when it was not asked.</param>
internal abstract record RefillOutcome(InfillResult? Decode);

/// <summary>A text for the hole.</summary>
/// <param name="Text">What takes the hole's place; lines end as the document's do.</param>
internal sealed record RefillText(string Text, RefillHole Hole, InfillResult Decoded) : RefillOutcome(Decoded);

/// <summary>No text.</summary>
/// <param name="Sentence">Why, for the user.</param>
internal sealed record RefillNothing(NothingReason Reason, string Sentence, InfillResult? Decode = null) : RefillOutcome(Decode);
