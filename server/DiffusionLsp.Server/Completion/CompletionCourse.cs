using System.Globalization;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>Records the times of one completion and writes its log line, which never contains code.</summary>
internal sealed class CompletionCourse(int number, CompletionRequest request, TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private TimeSpan wait;
    private TimeSpan? first;

    public TimeSpan Elapsed => time.GetElapsedTime(start);

    /// <summary>Marks the end of debouncing and of waiting for the model.</summary>
    public void EndWait() => wait = Elapsed;

    /// <summary>Marks the first suggestion; alternatives computed after it are not counted.</summary>
    public void EndFirst() => first = Elapsed;

    /// <summary>Builds the event of the completion.</summary>
    /// <param name="outcome">Null: it was cancelled.</param>
    public FinishedCompletion Finish(CompletionOutcome? outcome)
    {
        TimeSpan elapsed = first ?? Elapsed;
        return new FinishedCompletion(number, request, outcome, elapsed, wait, Line(outcome, elapsed));
    }

    private string Line(CompletionOutcome? outcome, TimeSpan elapsed)
    {
        string end = outcome switch
        {
            Suggestion s => $"{s.Text.Length} chars, {Word(s.Path)}",
            Nothing n => $"nothing: {n.Reason}, {Word(n.Path)}",
            _ => "cancelled",
        };
        string line = string.Create(CultureInfo.InvariantCulture, $"{Who()} {number}: {end}, {elapsed.TotalMilliseconds:0.0} ms");
        if (wait > TimeSpan.Zero) line += string.Create(CultureInfo.InvariantCulture, $", wait {wait.TotalMilliseconds:0.0}");
        if (outcome?.Decode is not { } decode) return line;
        return line + string.Create(CultureInfo.InvariantCulture,
            $", tokenize {decode.Timings.Tokenize:0.0}, prompt {decode.Timings.Prompt:0.0} ({decode.CachedPromptTokens}/{decode.PromptTokens} cached), decode {decode.Timings.Decode:0.0}, {decode.Forwards} forwards, {decode.Tokens} tokens, {decode.StopReason}");
    }

    private string Who() => request.Source == CompletionSource.Prefetch ? "prefetch" : "completion";

    /// <summary>The stage as it is spelled everywhere outside the code: "typeThrough".</summary>
    public static string Word(CompletionPath path) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(path.ToString());
}
