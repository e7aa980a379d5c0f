using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Completion.Postprocess;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// One completion from request to result: gate, type-through and cache, running decode, debounce, context, decode,
/// post-processing. Every outcome has a name. It knows neither LSP nor tensors.
/// </summary>
internal sealed class CompletionSession(ModelHost models, DocumentStore documents, Listeners listeners, TimeProvider time, ILogger log)
{
    private readonly LatestRequestGate latest = new();
    private readonly CompletionCache cache = new(time);
    private readonly RunningDecodes running = new(listeners, time);
    private readonly Prefetch prefetch = new(time);
    private CompletionRequest? offered; // the last request that was answered with a suggestion
    private int lastNumber;
    private int lastPrefetch;

    /// <summary>Learns from requests, decodes and suggestion outcomes how long to wait.</summary>
    public AdaptiveDebounce Debounce { get; } = new(time);

    /// <summary>A model's display thresholds as learned from this user, given the settings.</summary>
    public Func<ConfidenceThresholds, ServerSettings, ConfidenceThresholds> Learned { get; init; } = (own, _) => own;

    /// <summary>
    /// Answers one request. Call in order of arrival: before the first await it supersedes its predecessor, which
    /// ends as <see cref="NothingReason.Superseded"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<CompletionOutcome> CompleteAsync(CompletionRequest request, CancellationToken cancellation)
    {
        // In this order: joining the decode first keeps it alive when its predecessor leaves.
        using DecodeTicket? joined = running.Join(request);
        using LatestRequestGate.Lease lease = latest.Enter($"{request.Source} {request.Document.Uri}", cancellation);
        prefetch.Stop();
        if (request.Trigger == CompletionTrigger.Automatic) Debounce.NoteRequest();
        int number = Interlocked.Increment(ref lastNumber);
        var course = new CompletionCourse(number, request, time);
        CompletionOutcome? outcome = await RunAsync(request, joined, course, lease.Token).ConfigureAwait(false);
        course.EndFirst();
        if (outcome is Suggestion first && AsksForMore(request)) outcome = await WithOthersAsync(request, first, lease.Token).ConfigureAwait(false);
        if (lease.IsSuperseded && (outcome is not null || !cancellation.IsCancellationRequested))
            outcome = new Nothing(NothingReason.Superseded, outcome?.Decode) { Path = outcome?.Path ?? CompletionPath.Gate };
        if (outcome is null)
        {
            listeners.Tell(course.Finish(null));
            throw new OperationCanceledException(cancellation);
        }
        outcome = outcome with { Number = number };
        if (outcome is Suggestion && request.Source is CompletionSource.Inline) offered = request;
        listeners.Tell(course.Finish(outcome));
        return outcome;
    }

    /// <summary>Schedules a prefetch of what follows the suggestion just offered, unless another request has arrived since.</summary>
    public void LookAhead(FinishedCompletion finished)
    {
        if (finished is { Request.Source: CompletionSource.Inline, Outcome: Suggestion shown } && finished.Number == Volatile.Read(ref lastNumber))
            prefetch.Plan(finished.Request, shown, PrefetchAsync);
    }

    /// <summary>Clears the cache: another model writes different suggestions, and cached ones may copy from a file that is now excluded.</summary>
    public void Forget() => cache.Clear();

    /// <summary>Runs the stages, cheapest first. Null: cancelled.</summary>
    private async Task<CompletionOutcome?> RunAsync(CompletionRequest request, DecodeTicket? joined, CompletionCourse course, CancellationToken cancellation)
    {
        Task<CompletionRequest> known = request.WithRulesKnownAsync(cancellation);
        await known.Settled();
        if (!known.IsCanceled) request = await known.ConfigureAwait(false);
        if (cancellation.IsCancellationRequested) return null;
        if (CompletionGate.Check(request) is { } closed) return new Nothing(closed, Detail: request.Exclusion);
        if (Remembered(request) is { } found)
        {
            // A suggestion must not shrink while the user types through it.
            int length = Math.Max(Math.Min(found.Shown, found.Rest.Length), Length(request, found.Rest, found.Confidence));
            found.NoteShown(found.Rest, length);
            return Shown(request, null, found.Rest, length, found.Replaced, found.Confidence) with { Path = found.Path };
        }

        if (await JoinedAsync(request, joined, cancellation).ConfigureAwait(false) is { } continued) return continued;

        TimeSpan wait = Debounce.Delay(request) - course.Elapsed;
        if (wait > TimeSpan.Zero) await TurnAsync(wait, cancellation).ConfigureAwait(false);
        if (cancellation.IsCancellationRequested) return null;
        if (await EngineAsync(request, cancellation).ConfigureAwait(false) is { } lease)
        {
            course.EndWait();
            return await DecodedAsync(lease, request, cancellation).ConfigureAwait(false);
        }
        if (cancellation.IsCancellationRequested) return null;
        return new Nothing(models.Status.State == ModelState.Error ? NothingReason.ModelFailed : NothingReason.ModelLoading, Detail: models.Status.Message);
    }

    /// <summary>
    /// The rest of a cached suggestion. A suggestion of several lines stays multi-line during type-through, although its first line is no
    /// longer empty: a suggestion must not shrink while the user types through it.
    /// </summary>
    private Remembered? Remembered(CompletionRequest request)
    {
        Remembered? found = cache.Find(request);
        if (found is null || !LinePolicy.StaysOnLine(request)) return found;
        int lineEnd = found.Rest.IndexOf('\n');
        if (lineEnd < 0) return found;
        // The text that it replaces may be in a later line of it.
        return found.Replaced == 0 && !string.IsNullOrWhiteSpace(found.Rest[..lineEnd]) ? found with { Rest = found.Rest[..lineEnd] } : null;
    }

    /// <summary>The running decode's text beyond what was typed since it began; null: nothing.</summary>
    private async Task<CompletionOutcome?> JoinedAsync(CompletionRequest request, DecodeTicket? joined, CancellationToken cancellation)
    {
        if (joined is null) return null;
        Task<InfillResult?> answer = joined.ResultAsync(cancellation);
        await answer.Settled();
        if (!answer.IsCompletedSuccessfully) return null; // cancelled or failed: this request's own decode reports the error
        if (answer.Result is not { } result)
        {
            joined.Dispose(); // otherwise it would run beside this request's own decode
            return null;
        }
        InfillResult rest = result with { Completion = result.Completion[joined.Typed.Length..], Confidence = result.Confidence.After(joined.Typed.Length) };
        return Judge(request, rest, Around(request, joined.SingleLine)) with { Path = CompletionPath.InFlight };
    }

    /// <summary>Whether the user explicitly requests a completion where one was already offered; a first request must not wait for alternatives.</summary>
    private bool AsksForMore(CompletionRequest request) =>
        request is { Source: CompletionSource.Inline, Trigger: CompletionTrigger.Invoked, Ahead: "", Open: null }
        && offered is { } last && ReferenceEquals(last.Document, request.Document) && last.Offset == request.Offset;

    /// <summary>The suggestion and alternatives for its position. Null: cancelled.</summary>
    private async Task<CompletionOutcome?> WithOthersAsync(CompletionRequest request, Suggestion first, CancellationToken cancellation)
    {
        using EngineLease? lease = models.TryAcquire();
        if (lease is not { Engine.Draws: true }) return first;
        InfillCall call = InfillCall.ForCompletion(request);
        IReadOnlyList<Suggestion>? others = await OtherSuggestions.FindAsync(first, call.Options, async options =>
        {
            listeners.Tell(new DecodeBegan());
            Task<InfillResult> decode = lease.Engine.InfillAsync(call.Request, options, cancellation);
            await decode.Settled();
            listeners.Tell(new DecodeEnded(null));
            if (cancellation.IsCancellationRequested) return null;
            if (decode.IsCompletedSuccessfully) return Judge(request, decode.Result, call.Surroundings, isFirst: false);
            FailureText.Log(log, decode.Exception!.InnerException!, "decoding failed");
            return new Nothing(NothingReason.DecodeFailed);
        }).ConfigureAwait(false);
        if (others is null) return null;
        return IsCurrent(request) ? first with { Others = others } : new Nothing(NothingReason.DocumentChanged, first.Decode);
    }

    /// <summary>Waits, and continues on the thread where the following decode starts soonest.</summary>
    private async Task TurnAsync(TimeSpan wait, CancellationToken cancellation)
    {
        using EngineLease? lease = models.TryAcquire();
        await (lease?.Engine.TurnAsync(wait, time, cancellation) ?? Task.Delay(wait, time, cancellation)).Settled();
    }

    /// <summary>Ghost text waits while a model loads; a completion list, which other sources fill too, does not. Null also: cancelled.</summary>
    private async Task<EngineLease?> EngineAsync(CompletionRequest request, CancellationToken cancellation)
    {
        if (request.Source == CompletionSource.List)
        {
            models.Touch();
            return models.TryAcquire();
        }
        Task<EngineLease?> lease = models.AcquireAsync(cancellation);
        await ((Task)lease).Settled();
        return lease.IsCanceled ? null : await lease.ConfigureAwait(false);
    }

    /// <summary>Null: cancelled.</summary>
    /// <param name="lease">Owned by the decode from now on, which may outlive this request because others can join it.</param>
    private async Task<CompletionOutcome?> DecodedAsync(EngineLease lease, CompletionRequest request, CancellationToken cancellation)
    {
        try
        {
            InfillCall call = InfillCall.ForCompletion(request);
            using DecodeTicket ticket = running.Start(request, call.Surroundings.SingleLine, (report, stop) => lease.Engine.InfillAsync(call.Request with
            {
                Progress = written =>
                {
                    report(written);
                    return call.Request.Progress!(written);
                },
            }, call.Options, stop), decode => Ended(decode, lease));
            listeners.Tell(new DecodeBegan());
            Task<InfillResult?> answer = ticket.ResultAsync(cancellation);
            await answer.Settled();
            if (answer.IsCanceled) return null;
            return Judge(request, (await answer.ConfigureAwait(false))!, call.Surroundings) with { Path = CompletionPath.Decode };
        }
        catch (RemoteException e)
        {
            lease.Dispose();
            return new Nothing(NothingReason.RemoteUnavailable, Detail: e.Message) { Path = CompletionPath.Decode };
        }
        catch (Exception e)
        {
            lease.Dispose(); // the decode did not start, or has ended
            FailureText.Log(log, e, "decoding failed");
            return new Nothing(NothingReason.DecodeFailed, Detail: FailureText.Sentence(e)) { Path = CompletionPath.Decode };
        }
    }

    /// <summary>Turns the model's text into a suggestion, or into nothing, for the reason of the rule that rejected it.</summary>
    private CompletionOutcome Judge(CompletionRequest request, InfillResult result, Surroundings surroundings, bool isFirst = true)
    {
        // The command line prints a plain insertion.
        Replacing replacing = request.Source is CompletionSource.CommandLine ? Replacing.Nothing : Replacing.Closers;
        (string text, int replaced, NothingReason? dropped) = PostprocessChain.Cut(BestSoFar.Of(result), surroundings, replacing);
        if (dropped is { } reason) return new Nothing(reason, result);
        SuggestionConfidence confidence = SuggestionGate.For(text, result.Completion, result.Confidence);
        int length = Length(request, text, confidence);
        cache.Add(request, text, result.StopReason is StopReason.Budget ? Completeness.CutByBudget : Completeness.Whole, replaced, confidence, request.Source is CompletionSource.Prefetch ? 0 : length, isFirst);
        return IsCurrent(request) ? Shown(request, result, text, length, replaced, confidence) : new Nothing(NothingReason.DocumentChanged, result);
    }

    private int Length(CompletionRequest request, string text, SuggestionConfidence confidence) =>
        SuggestionGate.Length(request, text, confidence with { Thresholds = Learned(confidence.Thresholds, request.Settings) });

    /// <summary>The part of a text to show. All of it is cached, so that typing on can reveal the rest.</summary>
    private static CompletionOutcome Shown(CompletionRequest request, InfillResult? decode, string text, int length, int replaced, SuggestionConfidence confidence)
    {
        if (length == 0) return new Nothing(NothingReason.Unsure, decode);
        double sure = confidence.At(length);
        Surroundings surroundings = Around(request, singleLine: true);
        (text, replaced, NothingReason? dropped) = length < text.Length
            ? PostprocessChain.Beginning(text[..length], replaced, surroundings)
            : PostprocessChain.Whole(text, replaced, surroundings);
        return dropped is { } reason ? new Nothing(reason, decode) : new Suggestion(text, decode) { Replaced = replaced, Confidence = sure };
    }

    private static Surroundings Around(CompletionRequest request, bool singleLine)
    {
        (string prefix, string suffix) = ContextWindow.Cut(request);
        return Surroundings.Of(prefix, suffix, singleLine, request.Document.LanguageId, ContextWindow.Before(request));
    }

    private void Ended(Task<InfillResult> decode, EngineLease lease)
    {
        if (decode.IsCompletedSuccessfully) Debounce.NoteDecode(decode.Result.Timings.Total);
        lease.Dispose();
        listeners.Tell(new DecodeEnded(decode.IsCompletedSuccessfully ? decode.Result : null));
    }

    /// <summary>Decodes what follows an accepted suggestion into the cache.</summary>
    private async Task PrefetchAsync(CompletionRequest ahead, CancellationToken cancellation)
    {
        if (cache.Find(ahead) is not null || models.TryAcquire() is not { } lease) return;
        if (!lease.Engine.DecodesAhead)
        {
            lease.Dispose();
            return;
        }
        var course = new CompletionCourse(Interlocked.Increment(ref lastPrefetch), ahead, time);
        listeners.Tell(course.Finish(await DecodedAsync(lease, ahead, cancellation).ConfigureAwait(false)));
    }

    /// <summary>Whether the document is unchanged since the request. The command line has no documents, and a prefetch is about a future one.</summary>
    private bool IsCurrent(CompletionRequest request) =>
        request.Source is CompletionSource.CommandLine or CompletionSource.Prefetch || ReferenceEquals(documents.Find(request.Document.Uri), request.Open ?? request.Document);
}
