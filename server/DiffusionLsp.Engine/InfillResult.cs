using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Engine;

/// <summary>What was written into a hole, and what it cost.</summary>
public sealed record InfillResult
{
    /// <summary>The text for the hole.</summary>
    public required string Completion { get; init; }

    /// <summary>Why decoding ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Forward passes of the model, the prompt's included.</summary>
    public required int Forwards { get; init; }

    /// <summary>Tokens committed before the end-of-text token or the cut.</summary>
    public required int Tokens { get; init; }

    /// <summary>Tokens before the hole and, in models that see to the right, after it.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>How many of the prompt's tokens were already in the K/V cache.</summary>
    public required int CachedPromptTokens { get; init; }

    /// <summary>What the model could not take into account, as a sentence; null: nothing.</summary>
    public string? Notice { get; init; }

    /// <summary>How probable it is, token by token, that the completion is what its user would write.</summary>
    public SuggestionConfidence Confidence { get; init; } = SuggestionConfidence.None;

    /// <summary>How many characters before the hole its first tokens write once more (token healing).</summary>
    internal int Rewritten { get; init; }

    /// <summary>The tokens with all that was known of them, and where they stand: for fitting.</summary>
    internal (IReadOnlyList<WrittenToken> Tokens, CompletionPlace Place)? Signals { get; init; }

    /// <summary>Milliseconds that it waited before it was admitted.</summary>
    public double Queued { get; init; }

    /// <summary>Where the time went from then on.</summary>
    public required InfillTimings Timings { get; init; }
}

/// <summary>Why decoding ended.</summary>
public enum StopReason
{
    /// <summary>The model wrote its end-of-text token.</summary>
    EndOfText,
    /// <summary>A single-line request reached the end of its line.</summary>
    EndOfLine,
    /// <summary>The token limit was reached.</summary>
    Length,
    /// <summary>Who asked had enough.</summary>
    Enough,
    /// <summary>The request's time was over; the text is what was written by then.</summary>
    Budget,
}

/// <summary>Milliseconds by phase.</summary>
/// <param name="Tokenize">Text to tokens, cutting the context to the budget.</param>
/// <param name="Prompt">The forward pass over prompt tokens that were not cached.</param>
/// <param name="Decode">All denoising steps.</param>
public readonly record struct InfillTimings(double Tokenize, double Prompt, double Decode)
{
    /// <summary>The sum of all phases.</summary>
    public double Total => Tokenize + Prompt + Decode;
}
