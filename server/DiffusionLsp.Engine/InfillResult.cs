using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Engine;

/// <summary>The text generated for a hole, and its cost.</summary>
public sealed record InfillResult
{
    /// <summary>The text for the hole.</summary>
    public required string Completion { get; init; }

    /// <summary>Why decoding stopped.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Forwards of the model, including the prompt's.</summary>
    public required int Forwards { get; init; }

    /// <summary>Tokens committed before the end-of-text token or the truncation.</summary>
    public required int Tokens { get; init; }

    /// <summary>Prompt tokens before the hole and, for models that see the suffix, after it.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>How many prompt tokens were already in the K/V cache.</summary>
    public required int CachedPromptTokens { get; init; }

    /// <summary>A sentence about what the model had to ignore; null: nothing.</summary>
    public string? Notice { get; init; }

    /// <summary>For each token, the probability that the user would write the completion up to it.</summary>
    public SuggestionConfidence Confidence { get; init; } = SuggestionConfidence.None;

    /// <summary>Characters before the hole that the first tokens regenerate (token healing).</summary>
    internal int Rewritten { get; init; }

    /// <summary>The tokens with their signals, and where the completion is inserted; for fitting confidence models.</summary>
    internal (IReadOnlyList<WrittenToken> Tokens, CompletionPlace Place)? Signals { get; init; }

    /// <summary>Milliseconds between arrival and admission.</summary>
    public double Queued { get; init; }

    /// <summary>How the time after admission was spent.</summary>
    public required InfillTimings Timings { get; init; }
}

/// <summary>Why decoding stopped.</summary>
public enum StopReason
{
    /// <summary>The model wrote its end-of-text token.</summary>
    EndOfText,
    /// <summary>A single-line request reached the end of its line.</summary>
    EndOfLine,
    /// <summary>The token limit was reached.</summary>
    Length,
    /// <summary>The caller's stop condition was met.</summary>
    Enough,
    /// <summary>The request's time budget ran out; the text is what was committed by then.</summary>
    Budget,
}

/// <summary>Milliseconds by phase.</summary>
/// <param name="Tokenize">Tokenizing the text and truncating it to the budget.</param>
/// <param name="Prompt">From there to the end of the first forward over the prompt: length probing, the uncached prompt tokens, and the first step or the indentation probe.</param>
/// <param name="Decode">All further steps.</param>
public readonly record struct InfillTimings(double Tokenize, double Prompt, double Decode)
{
    /// <summary>The sum of all phases.</summary>
    public double Total => Tokenize + Prompt + Decode;
}
