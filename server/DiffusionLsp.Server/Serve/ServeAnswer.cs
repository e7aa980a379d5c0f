using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>What was written into a hole, as every dialect writes it.</summary>
/// <param name="Text">Empty: nothing is offered.</param>
/// <param name="Decode">What the engine did; null: it was not asked, or not in time.</param>
/// <param name="Id">Random, for the answer alone.</param>
/// <param name="At">When it was answered.</param>
internal sealed record ServeAnswer(string Text, InfillResult? Decode, string Id, DateTimeOffset At)
{
    /// <summary>Most tokens that the model reads, as clients are told.</summary>
    public int ContextTokens { get; init; }

    public int PromptTokens => Decode?.PromptTokens ?? 0;

    public int CachedTokens => Decode?.CachedPromptTokens ?? 0;

    public int Tokens => Decode?.Tokens ?? 0;

    public InfillTimings Timings => Decode?.Timings ?? default;

    /// <summary>"length" where the token limit cut the text, else "stop".</summary>
    public string FinishReason => Decode?.StopReason is StopReason.Length ? "length" : "stop";
}
