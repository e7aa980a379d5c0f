using DiffusionLsp.Engine;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Completion;

/// <summary>How a request ended: a <see cref="Suggestion"/>, or <see cref="Nothing"/> for a named reason.</summary>
/// <param name="Decode">What the engine did for it; null when it was not asked.</param>
internal abstract record CompletionOutcome(InfillResult? Decode)
{
    /// <summary>Which stage of the pipeline answered.</summary>
    public CompletionPath Path { get; init; } = CompletionPath.Gate;

    /// <summary>The request's number, by which a client can come back to it.</summary>
    public int Number { get; init; }
}

/// <summary>A text to offer at the cursor.</summary>
/// <param name="Text">What to insert after the request's <see cref="CompletionRequest.Ahead"/>; lines end with LF.</param>
internal sealed record Suggestion(string Text, InfillResult? Decode) : CompletionOutcome(Decode)
{
    /// <summary>How many characters right of the cursor, on its line, the text writes again and so replaces.</summary>
    public int Replaced { get; init; }

    /// <summary>What else could stand there, where somebody asked for it.</summary>
    public IReadOnlyList<Suggestion> Others { get; init; } = [];

    /// <summary>How probable it is that the text is what the user would write, 0 to 1.</summary>
    public double Confidence { get; init; } = 1;
}

/// <summary>No text to offer.</summary>
/// <param name="Reason">Why, in a word.</param>
/// <param name="Detail">Why, in a sentence, where something failed.</param>
internal sealed record Nothing(NothingReason Reason, InfillResult? Decode = null, string? Detail = null) : CompletionOutcome(Decode);

/// <summary>The stages that can end a request, from the cheapest to the dearest.</summary>
internal enum CompletionPath
{
    /// <summary>Settings and text alone.</summary>
    Gate,
    /// <summary>Type-through: the rest of a suggestion whose beginning the user typed.</summary>
    TypeThrough,
    /// <summary>A remembered suggestion for the same place.</summary>
    Cache,
    /// <summary>A remembered suggestion that was prefetched, as if the one before had been accepted. Figures are kept under this name.</summary>
    Speculation,
    /// <summary>A decode under way, of an earlier request or ahead of time, that still fits.</summary>
    InFlight,
    /// <summary>A decode of its own.</summary>
    Decode,
}

/// <summary>A request was answered or cancelled; told once per request.</summary>
/// <param name="Outcome">Null: it was cancelled.</param>
/// <param name="Wait">Debounce and waiting for the model.</param>
/// <param name="Line">All of it in one line that holds no code.</param>
internal sealed record FinishedCompletion(int Number, CompletionRequest Request, CompletionOutcome? Outcome, TimeSpan Elapsed, TimeSpan Wait, string Line) : ServerEvent;
