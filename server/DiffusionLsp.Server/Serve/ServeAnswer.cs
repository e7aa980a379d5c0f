using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>The result for a hole, from which every dialect writes its answer.</summary>
/// <param name="Text">Empty: no suggestion.</param>
/// <param name="Decode">The engine's result; null: the engine was not called, or did not answer in time.</param>
/// <param name="Id">Random; identifies the answer.</param>
/// <param name="At">Time of the answer.</param>
internal sealed record ServeAnswer(string Text, InfillResult? Decode, string Id, DateTimeOffset At)
{
    /// <summary>Maximum number of prompt tokens, as reported to clients.</summary>
    public int ContextTokens { get; init; }

    public int PromptTokens => Decode?.PromptTokens ?? 0;

    public int CachedTokens => Decode?.CachedPromptTokens ?? 0;

    public int Tokens => Decode?.Tokens ?? 0;

    public InfillTimings Timings => Decode?.Timings ?? default;

    /// <summary>"length" if the token limit truncated the text, else "stop".</summary>
    public string FinishReason => Decode?.StopReason is StopReason.Length ? "length" : "stop";
}
