using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// One line of the metrics file: what happened, in numbers and this program's own words. No field can contain the user's code, names or
/// paths.
/// </summary>
/// <param name="At">Time, in UTC.</param>
/// <param name="Event">"answer", "shown", "accepted", "partiallyAccepted", "typed", "dismissed" or "kept".</param>
internal sealed record MetricsEvent(DateTimeOffset At, string Event)
{
    /// <summary>The beginning of every line.</summary>
    public const string Beginning = "{\"at\":";

    public const string Answer = "answer", Shown = "shown", Typed = "typed", Kept = "kept";

    /// <summary>LSP language identifier.</summary>
    public string? Language { get; init; }

    /// <summary>The stage that answered; see <see cref="Completion.CompletionPath"/>.</summary>
    public string? Path { get; init; }

    /// <summary>Why there was no suggestion; "Cancelled" if the client cancelled the request.</summary>
    public string? Reason { get; init; }

    /// <summary>From the request to its answer, or from showing a suggestion to its outcome.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>The part of these spent on debouncing and waiting for the model.</summary>
    public double? WaitMilliseconds { get; init; }

    /// <summary>The part of these spent in the engine.</summary>
    public double? EngineMilliseconds { get; init; }

    public int? Forwards { get; init; }

    /// <summary>Length of the text that was offered or accepted, in characters.</summary>
    public int? Characters { get; init; }

    /// <summary>For "kept": the share of the accepted lines that are still in the document, 0 to 1.</summary>
    public double? Share { get; init; }

    /// <summary>One line of JSON, without a line break.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>The event in a line; null: the line is not an event.</summary>
    public static MetricsEvent? FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsEvent>(line, Options);
        }
        catch (JsonException)
        {
            return null; // a line truncated by a crash
        }
    }

    private static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
    };
}
