using System.Globalization;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>Notes the times of one completion and writes its log line. The line never holds code.</summary>
internal sealed class CompletionCourse(int number, TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private TimeSpan? wait;

    /// <summary>Debounce and waiting for the model are over.</summary>
    public void EndWait() => wait = time.GetElapsedTime(start);

    public string Line(CompletionOutcome outcome) => outcome switch
    {
        Suggestion s => Line($"{s.Text.Length} chars{(s.Decode is null ? " remembered" : "")}", s.Decode),
        Nothing n => Line($"nothing: {n.Reason}", n.Decode),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public string Line(string end, InfillResult? decode)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"completion {number}: {end}, {time.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        if (wait is { } waited) line += string.Create(CultureInfo.InvariantCulture, $", wait {waited.TotalMilliseconds:0.0}");
        if (decode is null) return line;
        return line + string.Create(CultureInfo.InvariantCulture,
            $", tokenize {decode.Timings.Tokenize:0.0}, prompt {decode.Timings.Prompt:0.0} ({decode.CachedPromptTokens}/{decode.PromptTokens} cached), decode {decode.Timings.Decode:0.0}, {decode.Forwards} forwards, {decode.Tokens} tokens, {decode.StopReason}");
    }
}
