using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion.Postprocess;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Rewrites a selection, given the text before and after it. The model decides the length with its end-of-text token.
/// It knows neither LSP nor tensors, and edits nothing.
/// </summary>
internal sealed class RefillSession(ModelHost models, Listeners listeners, ILogger log)
{
    private const string NothingOfUse = "The model wrote nothing usable for this selection; select whole statements, or a little more, and try again.";
    private const string SameAgain = "The model repeated the selected text, so nothing was changed.";

    private readonly LatestRequestGate latest = new();

    /// <summary>Answers one request; a newer one for the same document supersedes it.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<RefillOutcome> RefillAsync(RefillRequest request, CancellationToken cancellation)
    {
        using LatestRequestGate.Lease lease = latest.Enter(request.Selection.Document.Uri, cancellation);
        RefillOutcome outcome;
        try
        {
            outcome = await Task.Run(() => RunAsync(request, lease.Token), lease.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lease.IsSuperseded && !cancellation.IsCancellationRequested)
        {
            outcome = new RefillNothing(NothingReason.Superseded, "A newer refill in this file replaced this one.");
        }
        log.Information("refill: {Outcome:l}, {Milliseconds:0} ms", outcome is RefillNothing nothing ? $"nothing: {nothing.Reason}" : "a text", outcome.Decode?.Timings.Total ?? 0);
        return outcome;
    }

    private async Task<RefillOutcome> RunAsync(RefillRequest request, CancellationToken cancellation)
    {
        CompletionRequest selection = await request.Selection.WithRulesKnownAsync(cancellation).ConfigureAwait(false);
        if (CompletionGate.Check(selection) is { } closed) return new RefillNothing(closed, Closed(closed, selection));
        using EngineLease? lease = await models.AcquireAsync(cancellation).ConfigureAwait(false);
        if (lease is null) return new RefillNothing(NothingReason.ModelFailed, models.Status.Message);

        var hole = RefillHole.Of(selection.Document.Text, selection.Offset, request.End);
        InfillCall call = InfillCall.ForRefill(request with { Selection = selection }, hole);
        InfillResult result;
        try
        {
            result = await DecodeAsync(lease.Engine, call, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            FailureText.Log(log, e, "decoding failed");
            return new RefillNothing(NothingReason.DecodeFailed, FailureText.Sentence(e));
        }
        (string text, _, NothingReason? dropped) = PostprocessChain.Apply(WholeLines(result), call.Surroundings);
        if (dropped is { } reason) return new RefillNothing(reason, NothingOfUse, result);
        string document = selection.Document.Text, old = ContextWindow.LineFeeds(document[hole.Start..hole.End]);
        if (text == old) return new RefillNothing(NothingReason.SameAgain, SameAgain, result);
        (NothingReason, string)? refused = RefillCheck.Refusal(ContextWindow.Before(document, hole.Start), old, text, ContextWindow.LineFeeds(document[hole.End..]), selection.Document.LanguageId);
        return refused is var (why, sentence) ? new RefillNothing(why, sentence, result) : new RefillText(text.Replace("\n", LineEnding.Of(document)), hole, result);
    }

    private async Task<InfillResult> DecodeAsync(ICompletionEngine engine, InfillCall call, CancellationToken cancellation)
    {
        listeners.Tell(new DecodeBegan());
        try
        {
            return await engine.InfillAsync(call.Request, call.Options, cancellation).ConfigureAwait(false);
        }
        finally
        {
            listeners.Tell(new DecodeEnded(null));
        }
    }

    /// <summary>The text without a last line that the token limit truncated.</summary>
    private static string WholeLines(InfillResult result) =>
        result.StopReason == StopReason.Length && result.Completion.LastIndexOf('\n') is var end and > 0 ? result.Completion[..end] : result.Completion;

    private static string Closed(NothingReason reason, CompletionRequest selection) =>
        reason is NothingReason.Excluded or NothingReason.Disabled or NothingReason.LanguageDisabled or NothingReason.OutOfStep or NothingReason.FileTooLarge
            ? NothingSentences.Of(selection, new Nothing(reason))!
            : NothingOfUse;
}
