using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Remote;

/// <summary>The contents of an answer: a complete one, or one event of a stream. Null: the answer does not say.</summary>
/// <param name="Text">In a stream, only the new text.</param>
internal sealed record RemotePiece(string Text)
{
    /// <summary>Why the text ended; null: it continues, or the answer does not say.</summary>
    public StopReason? Stop { get; init; }

    public int? Forwards { get; init; }

    public int? Tokens { get; init; }

    public int? PromptTokens { get; init; }

    public int? CachedTokens { get; init; }

    /// <summary>Milliseconds spent on the prompt.</summary>
    public double? Prompt { get; init; }

    public string? Notice { get; init; }

    /// <summary>Only sent by DiffusionLsp's own server.</summary>
    public SuggestionConfidence? Confidence { get; init; }

    /// <summary>Combines this piece with a later one of the same stream.</summary>
    public RemotePiece Then(RemotePiece later) => new(Text + later.Text)
    {
        Stop = later.Stop ?? Stop,
        Forwards = later.Forwards ?? Forwards,
        Tokens = later.Tokens ?? Tokens,
        PromptTokens = later.PromptTokens ?? PromptTokens,
        CachedTokens = later.CachedTokens ?? CachedTokens,
        Prompt = later.Prompt ?? Prompt,
        Notice = later.Notice ?? Notice,
        Confidence = later.Confidence ?? Confidence,
    };
}
