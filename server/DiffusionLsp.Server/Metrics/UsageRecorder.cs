using System.Globalization;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// Writes finished requests and outcomes of suggestions to the metrics file, if the setting <c>metrics</c> allows it. Half a minute after
/// a suggestion was accepted, it checks how much of it is still there.
/// </summary>
internal sealed class UsageRecorder
{
    private static readonly TimeSpan KeptAfter = TimeSpan.FromSeconds(30);
    private readonly DocumentStore documents;
    private readonly MetricsFolder folder;
    private readonly TimeProvider time;
    private readonly PostResponseQueue postResponse;
    private readonly ILogger log;

    public UsageRecorder(DocumentStore documents, MetricsFolder folder, Listeners listeners, TimeProvider time, PostResponseQueue postResponse, ILogger log)
    {
        (this.documents, this.folder, this.time, this.postResponse, this.log) = (documents, folder, time, postResponse, log);
        Tracker = new SuggestionTracker(listeners, time);
        listeners.On<DocumentChange>(Tracker.Changed);
        listeners.On<FinishedCompletion>(OnFinished);
        listeners.On<SuggestionShown>(shown => Write(shown.Tracked, MetricsEvent.Shown, shown.Tracked.Suggestion.Text.Length));
        listeners.On<SuggestionTyped>(typed => Write(typed.Tracked, MetricsEvent.Typed, typed.Tracked.Suggestion.Text.Length));
        listeners.On<SuggestionEnded>(ended =>
        {
            Write(ended.Tracked, Word(ended.Outcome.ToString()), ended.Characters);
            if (ended.Outcome is SuggestionOutcome.Accepted) _ = LookAgainAsync(ended.Tracked);
        });
    }

    /// <summary>Receives the acceptance reports of clients that send them.</summary>
    public SuggestionTracker Tracker { get; }

    private void OnFinished(FinishedCompletion finished)
    {
        CompletionRequest request = finished.Request;
        if (request.Source == CompletionSource.Inline && finished.Outcome is Suggestion suggestion) Tracker.Offered(request, suggestion);
        if (request.Source == CompletionSource.Prefetch) return;
        Append(request.Settings, new MetricsEvent(time.GetUtcNow(), MetricsEvent.Answer)
        {
            Language = request.Document.LanguageId,
            Path = finished.Outcome is { } outcome ? CompletionCourse.Word(outcome.Path) : null,
            Reason = finished.Outcome switch { null => "Cancelled", Nothing nothing => nothing.Reason.ToString(), _ => null },
            Milliseconds = Round(finished.Elapsed.TotalMilliseconds),
            WaitMilliseconds = Round(finished.Wait.TotalMilliseconds),
            EngineMilliseconds = finished.Outcome?.Decode is { } decode ? Round(decode.Timings.Total) : null,
            Forwards = finished.Outcome?.Decode?.Forwards,
            Characters = (finished.Outcome as Suggestion)?.Text.Length,
        });
    }

    private async Task LookAgainAsync(TrackedSuggestion accepted)
    {
        await Task.Delay(KeptAfter, time).ConfigureAwait(false);
        if (documents.Find(accepted.Request.Document.Uri) is not { } document) return;
        Append(accepted.Request.Settings, Event(accepted, MetricsEvent.Kept) with
        {
            Characters = accepted.Suggestion.Text.Length, Share = KeptShare(accepted.Suggestion.Text, document.Text),
        });
        postResponse.Run();
    }

    /// <summary>The share of a suggestion's lines that are still in a text, ignoring surrounding blanks.</summary>
    internal static double KeptShare(string suggestion, string text)
    {
        string[] lines = [.. suggestion.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length == 0 ? 1 : Math.Round(lines.Count(line => text.Contains(line, StringComparison.Ordinal)) / (double)lines.Length, 3);
    }

    private void Write(TrackedSuggestion suggestion, string name, int characters) =>
        Append(suggestion.Request.Settings, Event(suggestion, name) with { Characters = characters });

    private MetricsEvent Event(TrackedSuggestion suggestion, string name) => new(time.GetUtcNow(), name)
    {
        Language = suggestion.Request.Document.LanguageId,
        Path = CompletionCourse.Word(suggestion.Suggestion.Path),
        Milliseconds = Round(suggestion.Age.TotalMilliseconds),
    };

    private void Append(ServerSettings settings, MetricsEvent metric)
    {
        if (settings.Metrics) postResponse.Enqueue(() => folder.Append(metric, log));
    }

    private static string Word(string name) => char.ToLower(name[0], CultureInfo.InvariantCulture) + name[1..];

    private static double Round(double milliseconds) => Math.Round(milliseconds, 2);
}
