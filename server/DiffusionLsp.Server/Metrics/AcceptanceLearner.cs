using System.Collections.Immutable;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// Counts which suggestions of the running model its user keeps and adapts the thresholds to it, if the settings <c>learnFromUse</c> and
/// <c>metrics</c> allow it. Manually requested suggestions do not count: they are shown whatever their confidence, to a user who is
/// looking for something.
/// </summary>
internal sealed class AcceptanceLearner
{
    private readonly AcceptanceFile file;
    private readonly Func<string?> model;
    private readonly PostResponseQueue postResponse;
    private readonly ILogger log;
    private ImmutableDictionary<string, AcceptanceCounts> counts;
    private string? told;

    /// <param name="model">Returns the name of the running model; null: none runs.</param>
    public AcceptanceLearner(AcceptanceFile file, Func<string?> model, Listeners listeners, PostResponseQueue postResponse, ILogger log)
    {
        (this.file, this.model, this.postResponse, this.log) = (file, model, postResponse, log);
        counts = Read();
        listeners.On<SuggestionTyped>(typed => Note(typed.Tracked, kept: true));
        listeners.On<SuggestionEnded>(ended =>
        {
            // After a partial acceptance the rest is still tracked, and ends later.
            if (ended.Outcome is not SuggestionOutcome.PartiallyAccepted) Note(ended.Tracked, kept: ended.Outcome is SuggestionOutcome.Accepted);
        });
    }

    /// <summary>A model's thresholds, adapted to its user.</summary>
    public ConfidenceThresholds Of(ConfidenceThresholds own, ServerSettings settings) =>
        settings is { LearnFromUse: true, Metrics: true } && model() is { } name && Volatile.Read(ref counts).GetValueOrDefault(name) is { } seen
            ? LearnedThresholds.Of(seen, own)
            : own;

    private void Note(TrackedSuggestion tracked, bool kept)
    {
        double confidence = tracked.Suggestion.Confidence;
        bool isKnown = confidence < 1; // 1 means that there was no estimate
        if (!isKnown || tracked.Request is not { Trigger: CompletionTrigger.Automatic, Settings: { LearnFromUse: true, Metrics: true } } || model() is not { } name) return;
        postResponse.Enqueue(() => Add(name, confidence, kept));
    }

    /// <summary>Adds to what the file contains now, since another server may have counted too, or the user may have reset it.</summary>
    private void Add(string name, double confidence, bool kept)
    {
        ImmutableDictionary<string, AcceptanceCounts> now = Read();
        now = now.SetItem(name, now.GetValueOrDefault(name, AcceptanceCounts.None).With(confidence, kept));
        Volatile.Write(ref counts, now);
        Tell(file.Write(now));
    }

    private ImmutableDictionary<string, AcceptanceCounts> Read()
    {
        (ImmutableDictionary<string, AcceptanceCounts> read, string? problem) = file.Read();
        Tell(problem);
        return read;
    }

    /// <summary>Reports the problem once, however often writing fails.</summary>
    private void Tell(string? problem)
    {
        if (problem is null || problem == told) return;
        told = problem;
        log.Warning("{Problem:l}", problem);
    }
}
