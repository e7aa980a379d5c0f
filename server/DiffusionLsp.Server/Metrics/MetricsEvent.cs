using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// One line of the metrics file: what happened, in numbers and in words of this program's own. There is no field that
/// could hold code, a name or a path of the user's.
/// </summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Event">"answer", "shown", "accepted", "partiallyAccepted", "typed", "dismissed" or "kept".</param>
internal sealed record MetricsEvent(DateTimeOffset At, string Event)
{
    /// <summary>How each line begins.</summary>
    public const string Beginning = "{\"at\":";

    public const string Answer = "answer", Shown = "shown", Typed = "typed", Kept = "kept";

    /// <summary>LSP language identifier.</summary>
    public string? Language { get; init; }

    /// <summary>The stage that answered; <see cref="Completion.CompletionPath"/>.</summary>
    public string? Path { get; init; }

    /// <summary>Why nothing was offered; "Cancelled" if the client took the request back.</summary>
    public string? Reason { get; init; }

    /// <summary>From the request to its answer, or from showing to what became of it.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Of these, debounce and waiting for the model.</summary>
    public double? WaitMilliseconds { get; init; }

    /// <summary>Of these, inside the engine.</summary>
    public double? EngineMilliseconds { get; init; }

    public int? Forwards { get; init; }

    /// <summary>Length of the text that is offered, or that was taken over.</summary>
    public int? Characters { get; init; }

    /// <summary>With "kept": how many of the accepted lines still stand in the document. 0 to 1.</summary>
    public double? Share { get; init; }

    /// <summary>One line of JSON, without a line break.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>The event of a line, or null for a line that is none.</summary>
    public static MetricsEvent? FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsEvent>(line, Options);
        }
        catch (JsonException)
        {
            return null; // a line that a crash cut off
        }
    }

    private static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
    };
}
