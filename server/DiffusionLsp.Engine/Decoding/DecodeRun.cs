using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Decoding.Stopping;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// One decode under way: its decoder, who scores for it, and what ends it. A driver asks it what it waits for and hands it the
/// proposals. It runs no forward.
/// </summary>
/// <param name="decoder">Fills the canvas.</param>
/// <param name="scorer">Scores for it.</param>
internal sealed class DecodeRun(IDecoder decoder, Canvas canvas, ICanvasScorer scorer) : IDisposable
{
    /// <summary>The autoregressive side; null: the decoder has none.</summary>
    public IAutoregressiveScorer? Verifier { get; init; }

    public double Temperature { get; init; }

    public int Seed { get; init; }

    public IReadOnlyList<ILogitsProcessor> Processors { get; init; } = [];

    public IReadOnlyList<IStoppingCriterion> Criteria { get; init; } = [];

    /// <summary>Sees every step; null: nobody looks.</summary>
    public IDecodeObserver? Observer { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>What it waits for; null: nothing, because it has not begun or is over.</summary>
    public ScoreCall? Call { get; private set; }

    /// <summary>Who scores the call in a forward: its own scorer, also where the same weights verify. Null: a verifier that scores in its own way.</summary>
    public ICanvasScorer? CallScorer => Call?.Verification is null ? scorer : Verifier!.Canvas;

    /// <summary>(M, V): the scores that the call verifies, kept within one step.</summary>
    public Scores? Draft { get; private set; }

    /// <summary>The criterion that ended it; null: none did.</summary>
    public IStoppingCriterion? Met { get; private set; }

    /// <summary>Forwards that its scorer has spent on it.</summary>
    public int Forwards { get; private set; }

    /// <summary>Collects what is known of each token when it is written; null: nobody wants it.</summary>
    public SignalRecorder? Signals { get; init; }

    /// <summary>Told after every forward; null: nobody listens.</summary>
    public Action? Scored { get; init; }

    /// <summary>Finds out what must be scored next.</summary>
    /// <returns>False: it is over.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool Plan()
    {
        Cancellation.ThrowIfCancellationRequested();
        return (Call = Met is null ? decoder.Next() : null) is not null;
    }

    /// <summary>The rows of the call.</summary>
    /// <param name="rows">How many were scored.</param>
    public ScoredRows Rows(int rows) => new(Call!, rows, Temperature, Seed, Processors);

    /// <summary>Applies the call's proposals.</summary>
    /// <param name="logits">Their scores, (N, V); kept as long as the step needs them.</param>
    /// <param name="proposals">One per row.</param>
    public void Apply(Scores logits, Proposal[] proposals)
    {
        if (ReferenceEquals(CallScorer, scorer)) Forwards++;
        Scored?.Invoke();
        DropDraft();
        ScoreCall call = Call!;
        if (call.IsVerified) Draft = logits.Copy();
        Call = null;
        if (decoder.Apply([.. proposals.Where(p => canvas.IsMasked(p.Position))]) is not { } step) return;
        Signals?.Note(call, step, canvas);
        Observer?.OnStep(step, canvas);
        foreach (IStoppingCriterion criterion in Criteria)
            if (Met is null && criterion.IsMet(canvas)) Met = criterion;
    }

    /// <summary>Work on it that must not stop others: what it throws ends this decode.</summary>
    /// <param name="over">Told of it.</param>
    public void Guarded(Action<DecodeRun, Exception?> over, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            over(this, e);
        }
    }

    private void DropDraft()
    {
        Draft?.Dispose();
        Draft = null;
    }

    public void Dispose() => DropDraft();
}
