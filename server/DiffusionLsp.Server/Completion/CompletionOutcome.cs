using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>How a request ended: a <see cref="Suggestion"/>, or <see cref="Nothing"/> for a named reason.</summary>
/// <param name="Decode">What the engine did for it; null when it was not asked.</param>
internal abstract record CompletionOutcome(InfillResult? Decode);

/// <summary>A text to offer at the cursor.</summary>
/// <param name="Text">What to insert after the request's <see cref="CompletionRequest.Ahead"/>; lines end with LF.</param>
internal sealed record Suggestion(string Text, InfillResult? Decode) : CompletionOutcome(Decode);

/// <summary>No text to offer.</summary>
/// <param name="Reason">Why, in a word.</param>
/// <param name="Detail">Why, in a sentence, where something failed.</param>
internal sealed record Nothing(NothingReason Reason, InfillResult? Decode = null, string? Detail = null) : CompletionOutcome(Decode);
