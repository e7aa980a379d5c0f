using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Decoding.Stopping;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// A running decode: its decoder, its scorers, and what ends it. A driver asks it for the next call and hands it the proposals. It
/// executes no forward itself.
/// </summary>
/// <param name="decoder">Fills the canvas.</param>
/// <param name="canvas">The hole.</param>
/// <param name="scorer">Scores the canvas.</param>
internal sealed class DecodeRun(IDecoder decoder, Canvas canvas, ICanvasScorer scorer) : IDisposable
{
    /// <summary>The autoregressive verifier; null: the decoder has none.</summary>
    public IAutoregressiveScorer? Verifier { get; init; }

    public double Temperature { get; init; }

    public int Seed { get; init; }

    public IReadOnlyList<ILogitsProcessor> Processors { get; init; } = [];

    public IReadOnlyList<IStoppingCriterion> Criteria { get; init; } = [];

    /// <summary>Sees every step; null: none.</summary>
    public IDecodeObserver? Observer { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>The pending call; null: the decode has not begun, or is over.</summary>
    public ScoreCall? Call { get; private set; }

    /// <summary>The scorer that executes the call in a forward: the decode's own, even where the same weights verify. Null: the verifier scores by itself.</summary>
    public ICanvasScorer? CallScorer => Call?.Verification is null ? scorer : Verifier!.Canvas;

    /// <summary>(M, V): the scores that the pending call verifies, kept for one step.</summary>
    public Scores? Draft { get; private set; }

    /// <summary>The stopping criterion that was met; null: none yet.</summary>
    public IStoppingCriterion? Met { get; private set; }

    /// <summary>Forwards of its scorer.</summary>
    public int Forwards { get; private set; }

    /// <summary>Collects the signals of each committed token; null: not needed.</summary>
    public SignalRecorder? Signals { get; init; }

    /// <summary>Called after every forward; null: no listener.</summary>
    public Action? Scored { get; init; }

    /// <summary>Plans the next call.</summary>
    /// <returns>False: the decode is over.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool Plan()
    {
        Cancellation.ThrowIfCancellationRequested();
        return (Call = Met is null ? decoder.Next() : null) is not null;
    }

    /// <summary>The rows of the call.</summary>
    /// <param name="rows">Number of scored rows.</param>
    public ScoredRows Rows(int rows) => new(Call!, rows, Temperature, Seed, Processors);

    /// <summary>Applies the call's proposals.</summary>
    /// <param name="logits">Their scores, (N, V); kept as long as verification needs them.</param>
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

    /// <summary>Runs work for this decode; an exception ends this decode but no other.</summary>
    /// <param name="over">Called with the exception.</param>
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
