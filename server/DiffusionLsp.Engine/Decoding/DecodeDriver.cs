using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Drives one or more decodes: plan, execute, propose, apply. Decodes that can share a forward do. It knows no decoder, no policy and
/// no request. Runs on the decode thread.
/// </summary>
/// <param name="runner">Executes shared forwards; null: none are shared.</param>
internal sealed class DecodeDriver(TokenProposer proposer, ModelRunner? runner = null)
{
    private readonly SharedForwards? shared = runner is null ? null : new SharedForwards(proposer, runner);

    /// <summary>Maximum number of rows in a shared forward: about as many as cost no more than a single row on a GPU that waits for its host (docs/PERFORMANCE.md).</summary>
    public int MostRows { get; init; } = 512;

    /// <summary>Forwards shared by several decodes so far, and the rows in them.</summary>
    public (long Forwards, long Rows) Shared => shared?.Counted ?? default;

    /// <summary>Runs one decode to completion.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Complete(DecodeRun run)
    {
        while (run.Plan()) Execute(run);
    }

    /// <summary>Advances every decode by one forward.</summary>
    /// <param name="over">Called for each decode that has ended, with the error or cancellation that ended it, or null. Must not throw.</param>
    /// <returns>The number of decodes that had something to score.</returns>
    public int Round(IReadOnlyList<DecodeRun> runs, Action<DecodeRun, Exception?> over)
    {
        var waiting = new List<DecodeRun>();
        foreach (DecodeRun run in runs)
            run.Guarded(over, () =>
            {
                if (run.Plan()) waiting.Add(run);
                else over(run, null);
            });
        DecodeRun[] sharing = waiting.Count > 1 && shared is not null ? [.. waiting.Where(shared.Takes)] : [];
        foreach (DecodeRun run in waiting.Except(sharing)) run.Guarded(over, () => Execute(run));
        if (sharing.Length > 0) shared!.Execute(sharing, MostRows, Execute, over);
        return waiting.Count;
    }

    private void Execute(DecodeRun run)
    {
        ScoreCall call = run.Call!;
        using Scores logits = run.CallScorer is { } scorer
            ? scorer.Score(call.Sequence, call.Window with { Cancellation = run.Cancellation })
            : run.Verifier!.Score(call.Sequence, call.Window.Start, run.Cancellation);
        proposer.Apply(run, logits);
    }
}
