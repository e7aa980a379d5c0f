using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>A request to rewrite a selection.</summary>
/// <param name="Selection">The document, the settings and the context; its offset is the selection's start.</param>
/// <param name="End">Offset of the selection's end.</param>
/// <param name="MaxTokens">Maximum number of tokens; null: the setting <c>maxTokensRefill</c>.</param>
internal sealed record RefillRequest(CompletionRequest Selection, int End, int? MaxTokens = null);

/// <summary>The result: a <see cref="RefillText"/>, or <see cref="RefillNothing"/> for a named reason.</summary>
/// <param name="Decode">The engine's result; null if it was not called.</param>
internal abstract record RefillOutcome(InfillResult? Decode);

/// <summary>A text for the hole.</summary>
/// <param name="Text">The replacement of the hole, with the document's line endings.</param>
internal sealed record RefillText(string Text, RefillHole Hole, InfillResult Decoded) : RefillOutcome(Decoded);

/// <summary>No text.</summary>
/// <param name="Sentence">Why, for the user.</param>
internal sealed record RefillNothing(NothingReason Reason, string Sentence, InfillResult? Decode = null) : RefillOutcome(Decode);
