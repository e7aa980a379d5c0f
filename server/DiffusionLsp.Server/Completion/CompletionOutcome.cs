using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>How a request ended: a <see cref="Suggestion"/>, or <see cref="Nothing"/> for a named reason.</summary>
/// <param name="Decode">The engine's result; null if it was not called.</param>
internal abstract record CompletionOutcome(InfillResult? Decode)
{
    /// <summary>The pipeline stage that answered.</summary>
    public CompletionPath Path { get; init; } = CompletionPath.Gate;

    /// <summary>The request's number, by which a client can refer to it.</summary>
    public int Number { get; init; }
}

/// <summary>A text to offer at the cursor.</summary>
/// <param name="Text">What to insert after the request's <see cref="CompletionRequest.Ahead"/>; lines end with LF.</param>
internal sealed record Suggestion(string Text, InfillResult? Decode) : CompletionOutcome(Decode)
{
    /// <summary>Number of characters right of the cursor, on its line, that the text repeats and therefore replaces.</summary>
    public int Replaced { get; init; }

    /// <summary>Alternative suggestions, if they were requested.</summary>
    public IReadOnlyList<Suggestion> Others { get; init; } = [];

    /// <summary>The probability that the text is what the user would write, 0 to 1.</summary>
    public double Confidence { get; init; } = 1;
}

/// <summary>No suggestion.</summary>
/// <param name="Reason">Why, as a name.</param>
/// <param name="Detail">Why, as a sentence, if something failed.</param>
internal sealed record Nothing(NothingReason Reason, InfillResult? Decode = null, string? Detail = null) : CompletionOutcome(Decode);

/// <summary>The stages that can answer a request, cheapest first.</summary>
internal enum CompletionPath
{
    /// <summary>Settings and text alone.</summary>
    Gate,
    /// <summary>Type-through: the rest of a suggestion whose beginning the user typed.</summary>
    TypeThrough,
    /// <summary>A cached suggestion for the same position.</summary>
    Cache,
    /// <summary>A cached suggestion that was prefetched as if the previous one had been accepted. Metrics use this name.</summary>
    Speculation,
    /// <summary>A running decode, of an earlier request or a prefetch, that is still consistent with the text.</summary>
    InFlight,
    /// <summary>Its own decode.</summary>
    Decode,
}

/// <summary>A request was answered or cancelled; raised once per request.</summary>
/// <param name="Outcome">Null: it was cancelled.</param>
/// <param name="Wait">Time spent debouncing and waiting for the model.</param>
/// <param name="Line">The whole event on one line, without code.</param>
internal sealed record FinishedCompletion(int Number, CompletionRequest Request, CompletionOutcome? Outcome, TimeSpan Elapsed, TimeSpan Wait, string Line) : ServerEvent;
