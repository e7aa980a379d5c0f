using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Server.Remote;

/// <summary>What an answer says: a whole one, or one event of a stream. What it does not say is null.</summary>
/// <param name="Text">Of a stream, what is new.</param>
internal sealed record RemotePiece(string Text)
{
    /// <summary>Why it ended; null: it goes on, or does not say.</summary>
    public StopReason? Stop { get; init; }

    public int? Forwards { get; init; }

    public int? Tokens { get; init; }

    public int? PromptTokens { get; init; }

    public int? CachedTokens { get; init; }

    /// <summary>Milliseconds that the prompt took.</summary>
    public double? Prompt { get; init; }

    public string? Notice { get; init; }

    /// <summary>Only our own server tells it.</summary>
    public SuggestionConfidence? Confidence { get; init; }

    /// <summary>With what a later piece of the same stream says.</summary>
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
