using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion.Postprocess;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// One completion from wish to outcome: gate, type-through, debounce, context, decode, post-process. Every way out has a
/// name. It knows neither LSP nor tensors.
/// </summary>
internal sealed class CompletionSession(ModelHost models, DocumentStore documents, TimeProvider time, ILogger log)
{
    private readonly LatestRequestGate latest = new();
    private readonly CompletionCache cache = new(time);
    private int lastNumber;
    private int decoding;

    /// <summary>Raised with true when decoding begins and with false when nothing is being decoded any more.</summary>
    public event Action<bool>? BusyChanged;

    /// <summary>Raised with one line of text per completion, the same as in the log.</summary>
    public event Action<string>? Finished;

    /// <summary>
    /// Answers one request. Call in order of arrival: before the first await it takes the place of its predecessor, which
    /// ends as <see cref="NothingReason.Superseded"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<CompletionOutcome> CompleteAsync(CompletionRequest request, CancellationToken cancellation)
    {
        using LatestRequestGate.Lease lease = latest.Enter($"{request.Source} {request.Document.Uri}", cancellation);
        var course = new CompletionCourse(Interlocked.Increment(ref lastNumber), time);
        CompletionOutcome outcome;
        try
        {
            outcome = await Task.Run(() => RunAsync(request, course, lease.Token), lease.Token).ConfigureAwait(false);
            if (lease.IsSuperseded) outcome = new Nothing(NothingReason.Superseded, outcome.Decode);
        }
        catch (OperationCanceledException) when (lease.IsSuperseded && !cancellation.IsCancellationRequested)
        {
            outcome = new Nothing(NothingReason.Superseded);
        }
        catch (OperationCanceledException)
        {
            Finish(course.Line("cancelled", null));
            throw;
        }
        Finish(course.Line(outcome));
        return outcome;
    }

    /// <summary>Forgets remembered suggestions, because another model writes others.</summary>
    public void Forget() => cache.Clear();

    private async Task<CompletionOutcome> RunAsync(CompletionRequest request, CompletionCourse course, CancellationToken cancellation)
    {
        if (CompletionGate.Check(request) is { } closed) return new Nothing(closed);
        if (Remembered(request) is { } rest) return new Suggestion(rest, null);

        if (request.Trigger == CompletionTrigger.Automatic)
            await Task.Delay(TimeSpan.FromMilliseconds(request.Settings.DebounceMs), time, cancellation).ConfigureAwait(false);
        ICompletionEngine? engine = await EngineAsync(request, cancellation).ConfigureAwait(false);
        if (engine is null)
            return new Nothing(models.Status.State == ModelState.Error ? NothingReason.ModelFailed : NothingReason.ModelLoading, Detail: models.Status.Message);
        course.EndWait();

        bool singleLine = LinePolicy.IsSingleLine(request);
        (string prefix, string suffix) = ContextWindow.Cut(request);
        InfillResult result;
        try
        {
            result = await DecodeAsync(engine, request, prefix, suffix, singleLine, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.Error(e, "decoding failed");
            return new Nothing(NothingReason.DecodeFailed, Detail: FailureText.Sentence(e));
        }

        (string text, NothingReason? dropped) = PostprocessChain.Apply(result.Completion, Surroundings.Of(request.LinePrefix, suffix, singleLine));
        if (dropped is { } reason) return new Nothing(reason, result);
        cache.Add(request, text);
        return IsCurrent(request) ? new Suggestion(text, result) : new Nothing(NothingReason.DocumentChanged, result);
    }

    /// <summary>
    /// The rest of a remembered suggestion. One of several lines stays so while it is typed along, though its first line is
    /// not empty any more: what the user sees must not shrink under the cursor.
    /// </summary>
    private string? Remembered(CompletionRequest request)
    {
        string? rest = cache.Find(request);
        bool oneLine = request.SingleLine ?? (request.Settings.Multiline == Tristate.Never || !string.IsNullOrWhiteSpace(request.RestOfLine));
        if (rest is null || !oneLine) return rest;
        int lineEnd = rest.IndexOf('\n');
        return lineEnd < 0 ? rest : lineEnd > 0 ? rest[..lineEnd] : null;
    }

    /// <summary>Ghost text waits for a model that is being loaded; a completion list, which others fill too, does not.</summary>
    private async Task<ICompletionEngine?> EngineAsync(CompletionRequest request, CancellationToken cancellation)
    {
        Task<ICompletionEngine?> engine = models.GetAsync();
        if (request.Source == CompletionSource.List && !engine.IsCompleted) return null;
        return await engine.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<InfillResult> DecodeAsync(
        ICompletionEngine engine, CompletionRequest request, string prefix, string suffix, bool singleLine, CancellationToken cancellation)
    {
        var infill = new InfillRequest
        {
            Prefix = prefix, Suffix = suffix, Path = request.Path, Language = request.Document.LanguageId, SingleLine = singleLine,
        };
        if (Interlocked.Increment(ref decoding) == 1) BusyChanged?.Invoke(true);
        try
        {
            return await engine.InfillAsync(infill, Options(request, singleLine), cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (Interlocked.Decrement(ref decoding) == 0) BusyChanged?.Invoke(false);
        }
    }

    private static DecodeOptions Options(CompletionRequest request, bool singleLine) => request.Decode ?? new DecodeOptions
    {
        Decoder = request.Settings.Decoder,
        Threshold = request.Settings.Threshold,
        ApdWeight = request.Settings.ApdWeight,
        ApdLookahead = request.Settings.ApdLookahead,
        ApdWindow = request.Settings.ApdWindow,
        ApdVerifier = request.Settings.ApdVerifier,
        Filter = request.Settings.FilterPath is { Length: > 0 } path ? path : null,
        FilterThreshold = request.Settings.FilterThreshold > 0 ? request.Settings.FilterThreshold : null,
        Length = singleLine ? request.Settings.MaxTokensSingleLine : request.Settings.MaxTokensMultiLine,
    };

    private bool IsCurrent(CompletionRequest request) =>
        request.Source == CompletionSource.CommandLine || ReferenceEquals(documents.Find(request.Document.Uri), request.Document);

    private void Finish(string line)
    {
        log.Information("{Completion:l}", line);
        Finished?.Invoke(line);
    }
}
